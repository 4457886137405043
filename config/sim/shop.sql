-- The shop of `aurewind demo --data-plane mariadb`: invented customers, products and orders.

CREATE DATABASE IF NOT EXISTS shop;

CREATE TABLE shop.customers (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  email VARCHAR(120) NOT NULL UNIQUE,
  city VARCHAR(40) NOT NULL,
  joined DATETIME NOT NULL
);

CREATE TABLE shop.products (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  price DECIMAL(8, 2) NOT NULL,
  stock INT NOT NULL
);

CREATE TABLE shop.orders (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT UNSIGNED NOT NULL,
  placed DATETIME NOT NULL,
  state ENUM('open', 'paid', 'shipped') NOT NULL DEFAULT 'open',
  KEY (placed),
  FOREIGN KEY (customer_id) REFERENCES shop.customers (id)
);

CREATE TABLE shop.order_lines (
  order_id INT UNSIGNED NOT NULL,
  product_id INT UNSIGNED NOT NULL,
  quantity INT NOT NULL,
  PRIMARY KEY (order_id, product_id),
  FOREIGN KEY (order_id) REFERENCES shop.orders (id),
  FOREIGN KEY (product_id) REFERENCES shop.products (id)
);

INSERT INTO shop.customers (name, email, city, joined)
SELECT
  CONCAT(
    ELT(1 + seq MOD 12, 'Ana', 'Ben', 'Chiara', 'David', 'Elif', 'Femke', 'Goran', 'Hana', 'Ines', 'Jonas', 'Kofi', 'Lena'), ' ',
    ELT(1 + (seq * 7) MOD 11, 'Abel', 'Brandt', 'Costa', 'Demir', 'Eriksen', 'Fischer', 'Greco', 'Horvat', 'Ito', 'Jansen', 'Kaya')),
  CONCAT('customer', seq, '@example.com'),
  ELT(1 + (seq * 5) MOD 7, 'Berlin', 'Dublin', 'Graz', 'Lyon', 'Porto', 'Turin', 'Zagreb'),
  NOW() - INTERVAL (seq * 37) HOUR
FROM shop.seq_1_to_500;

INSERT INTO shop.products (name, price, stock)
SELECT
  CONCAT(
    ELT(1 + seq MOD 6, 'Blue', 'Green', 'Red', 'Grey', 'Black', 'White'), ' ',
    ELT(1 + (seq * 5) MOD 8, 'lamp', 'chair', 'desk', 'mug', 'rug', 'shelf', 'stool', 'vase')),
  5 + (seq * 13) MOD 240 + 0.99,
  1000
FROM shop.seq_1_to_48;

INSERT INTO shop.orders (customer_id, placed, state)
SELECT 1 + (seq * 31) MOD 500, NOW() - INTERVAL (4001 - seq) * 11 MINUTE, ELT(1 + seq MOD 3, 'open', 'paid', 'shipped')
FROM shop.seq_1_to_4000;

INSERT INTO shop.order_lines (order_id, product_id, quantity)
SELECT s.seq, 1 + (s.seq * 17 + t.seq * 5) MOD 48, 1 + (s.seq + t.seq) MOD 4
FROM shop.seq_1_to_4000 AS s JOIN shop.seq_1_to_3 AS t;
