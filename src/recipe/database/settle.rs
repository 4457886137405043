//! What is set on a clone before anybody learns where it is.

use secrecy::{ExposeSecret, SecretString};
use sqlx::Row;

use super::{Database, DatabaseError, Login, new_password};
use crate::aurora::text::clean;
use crate::recipe::model::{AppUser, Secrets};

impl Database {
    /// Switches the event scheduler off, so that the source's jobs do not run on the clone, and makes the user of commands;
    /// gives back its login. `say` is told what was done.
    ///
    /// # Errors
    /// If it could not be done.
    pub async fn settle(
        &self,
        secrets: &Secrets,
        database: Option<&str>,
        say: impl Fn(&str),
    ) -> Result<Option<(String, SecretString)>, DatabaseError> {
        if !secrets.keep_events {
            self.stop_events(&say).await?;
        }
        match &secrets.app {
            Some(app) => {
                let password = new_password();
                self.make_user(app, &password, &say).await?;
                let login = Login {
                    user: app.name.clone(),
                    password: password.clone(),
                    database: database.map(str::to_owned).or_else(|| self.login.database.clone()),
                    ..self.login.clone()
                };
                login.connect().await?;
                say(&format!("user `{}` is made and can log in", clean(&app.name)));
                Ok(Some((app.name.clone(), password)))
            }
            None => Ok(None),
        }
    }

    /// Switches the event scheduler off; a rewind restarts the server, and with it the scheduler. On Aurora it is a parameter
    /// of the cluster, which a session may not set (User Guide, Aurora `MySQL` configuration parameters): then each event
    /// is disabled instead. `say` is told what was done.
    ///
    /// # Errors
    /// If it could not be done.
    pub async fn stop_events(&self, say: &impl Fn(&str)) -> Result<(), DatabaseError> {
        let scheduler = self.texts("SELECT CAST(@@GLOBAL.event_scheduler AS CHAR)").await?;
        if scheduler.first().is_some_and(|row| ["OFF", "DISABLED", "0"].contains(&row[0].to_uppercase().as_str())) {
            say("the event scheduler is off");
            return Ok(());
        }
        match self.run("SET GLOBAL event_scheduler = OFF".into()).await {
            Ok(()) => {
                say("the event scheduler is switched off");
                return Ok(());
            }
            // Neither SUPER nor SYSTEM_VARIABLES_ADMIN.
            Err(DatabaseError::Server { code: 1227, .. }) => {}
            Err(error) => return Err(error),
        }
        let events = "SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE STATUS = 'ENABLED' \
                      ORDER BY EVENT_SCHEMA, EVENT_NAME";
        let events = self.texts(events).await?;
        for event in &events {
            self.run(format!("ALTER EVENT {}.{} DISABLE", name(&event[0]), name(&event[1]))).await?;
        }
        say(&format!(
            "the event scheduler cannot be switched off by a login; events disabled instead: {}",
            events.len()
        ));
        Ok(())
    }

    /// A user of that name may have come with the source's data, for several hosts: each gets the new password, or the old
    /// one would still be good.
    async fn make_user(
        &self,
        app: &AppUser,
        password: &SecretString,
        say: &impl Fn(&str),
    ) -> Result<(), DatabaseError> {
        let user = self.quoted(&app.name).await?;
        let password = self.quoted(password.expose_secret()).await?;
        let mut hosts = match self.texts(&format!("SELECT Host FROM mysql.user WHERE User = {user}")).await {
            Ok(rows) => rows.into_iter().filter_map(|mut row| row.pop()).collect(),
            Err(error @ DatabaseError::Server { .. }) => {
                say(&format!("users of the source named {user} cannot be looked for: {error}"));
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        if !hosts.iter().any(|host| host == "%") {
            hosts.push("%".into());
        }
        for host in hosts {
            let account = format!("{user}@{}", self.quoted(&host).await?);
            self.run(format!("CREATE USER IF NOT EXISTS {account} IDENTIFIED BY {password}")).await?;
            self.run(format!("ALTER USER {account} IDENTIFIED BY {password}")).await?;
            for grant in &app.grants {
                self.run(format!("GRANT {grant} TO {account}")).await?;
            }
        }
        Ok(())
    }

    /// A text as a literal, quoted by the server: what has to be escaped depends on the modes of the session.
    async fn quoted(&self, text: &str) -> Result<String, DatabaseError> {
        let row = sqlx::query("SELECT QUOTE(?)").bind(text).fetch_one(&self.pool).await;
        row.and_then(|row| row.try_get_unchecked(0)).map_err(|error| self.error(&error))
    }
}

/// A name as SQL quotes it.
pub(super) fn name(text: &str) -> String {
    format!("`{}`", text.replace('`', "``"))
}
