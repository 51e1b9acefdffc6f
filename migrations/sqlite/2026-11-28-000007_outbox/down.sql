DELETE FROM jobs WHERE kind = 'delivery';
DROP TABLE outbox;
