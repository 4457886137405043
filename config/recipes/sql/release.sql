-- Orders get a total of their own, which was added up from their lines until now.
ALTER TABLE shop.orders
  ADD COLUMN total DECIMAL(10, 2) NOT NULL DEFAULT 0,
  ADD INDEX by_customer_and_total (customer_id, total);

CREATE VIEW shop.order_totals AS
  SELECT l.order_id, SUM(l.quantity * p.price) AS total
  FROM shop.order_lines AS l
  JOIN shop.products AS p ON p.id = l.product_id
  GROUP BY l.order_id;

DELIMITER //
CREATE TRIGGER shop.keep_total AFTER INSERT ON shop.order_lines FOR EACH ROW
BEGIN
  UPDATE shop.orders
  SET total = total + NEW.quantity * (SELECT price FROM shop.products WHERE id = NEW.product_id)
  WHERE id = NEW.order_id;
END //
DELIMITER ;
