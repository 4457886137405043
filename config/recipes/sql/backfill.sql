-- The totals of the orders that are there already.
UPDATE shop.orders AS o
JOIN shop.order_totals AS t ON t.order_id = o.id
SET o.total = t.total;
