-- One second of trade in the shop.
START TRANSACTION;
INSERT INTO shop.orders (customer_id, placed) VALUES (1 + FLOOR(RAND() * 500), NOW());
SET @ordered = LAST_INSERT_ID();
INSERT INTO shop.order_lines (order_id, product_id, quantity)
SELECT @ordered, id, 1 + FLOOR(RAND() * 4) FROM shop.products ORDER BY RAND() LIMIT 3;
UPDATE shop.products SET stock = stock - 1
WHERE id IN (SELECT product_id FROM shop.order_lines WHERE order_id = @ordered);
UPDATE shop.orders SET state = 'paid' WHERE id = @ordered - 20;
COMMIT;
