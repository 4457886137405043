//! What a clone costs while it lives, from a price table that the settings carry with its date.

use std::collections::BTreeMap;

/// List prices, each for an hour in `currency`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prices {
    /// `USD`.
    pub currency: String,
    /// The day the table was written down.
    pub as_of: String,
    /// Per instance class and hour.
    pub instance_hour: BTreeMap<String, f64>,
    /// Per ACU and hour of Serverless v2.
    pub acu_hour: f64,
    /// Per million change records of Backtrack that are stored for an hour.
    pub change_records_million_hour: f64,
}

/// An estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// `USD`.
    pub currency: String,
    /// Per hour, instances only.
    pub per_hour: f64,
    /// Until the clone expires, if it does.
    pub until_expiry: Option<f64>,
    /// What the figure leaves out, and the day of the prices.
    pub note: String,
}

impl Prices {
    /// What `stored` change records cost an hour; nothing where the table has no price for them.
    pub fn change_records(&self, stored: i64) -> Option<f64> {
        let price = self.change_records_million_hour;
        (price > 0.0).then(|| stored as f64 / 1e6 * price)
    }

    /// The cost of one instance of `class`; for Serverless v2 at its lowest capacity `min_acu`.
    pub fn instance(&self, class: &str, min_acu: Option<f64>, hours: Option<f64>) -> Option<Cost> {
        let serverless = class == "db.serverless";
        let per_hour = if serverless { self.acu_hour * min_acu? } else { *self.instance_hour.get(class)? };
        let at_rest = if serverless { " at its lowest capacity" } else { "" };
        Some(Cost {
            currency: self.currency.clone(),
            per_hour,
            until_expiry: hours.map(|hours| hours * per_hour),
            note: format!(
                "one {class}{at_rest}, list price of {}; storage that the clone writes, I/O and change records come on top",
                self.as_of
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_come_from_the_table_and_an_unknown_class_has_none() {
        let prices = Prices {
            currency: "USD".into(),
            as_of: "2026-01-01".into(),
            instance_hour: BTreeMap::from([("db.r6g.large".into(), 0.26)]),
            acu_hour: 0.12,
            change_records_million_hour: 0.012,
        };
        let cost = prices.instance("db.r6g.large", None, Some(4.0)).unwrap();
        assert!((cost.per_hour - 0.26).abs() < 1e-9);
        assert!((cost.until_expiry.unwrap() - 1.04).abs() < 1e-9);
        let serverless = prices.instance("db.serverless", Some(0.5), None).unwrap();
        assert!((serverless.per_hour - 0.06).abs() < 1e-9);
        assert_eq!(prices.instance("db.x9.huge", None, None), None);
        assert!((prices.change_records(250_000_000).unwrap() - 3.0).abs() < 1e-9);
        assert_eq!(Prices::default().change_records(250_000_000), None);
    }
}
