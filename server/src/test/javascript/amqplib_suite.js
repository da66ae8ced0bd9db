'use strict';

// What programs written with amqplib expect of a broker, by both of its APIs.
//
//   node --test-reporter=tap amqplib_suite.js amqp://127.0.0.1:5672
//
// amqplib is found by NODE_PATH. Every expectation is what RabbitMQ does.

const { afterEach, beforeEach, test } = require('node:test');
const assert = require('node:assert/strict');
const { randomUUID } = require('node:crypto');
const { once } = require('node:events');
const { promisify } = require('node:util');
const promises = require('amqplib');
const callbacks = require('amqplib/callback_api');

const url = process.argv[2] ?? 'amqp://127.0.0.1:5672';
const limits = { timeout: 15_000 };

let connection;
let channel;
let connections;
let queues;
let exchanges;

beforeEach(async () => {
  connections = [];
  queues = [];
  exchanges = [];
  connection = await connect();
  channel = await connection.createChannel();
});

afterEach(async () => {
  const clearing = await promises.connect(url);
  for (const each of connections) {
    await each.close().catch((closed) => assert.match(closed.message, /clos/i));
  }
  const clear = await clearing.createChannel();
  for (const queue of queues) await clear.deleteQueue(queue);
  for (const exchange of exchanges) await clear.deleteExchange(exchange);
  await clearing.close();
});

async function connect() {
  const opened = await promises.connect(url);
  // A connection that the broker closes tells so with an event, which ends a program that does not listen.
  opened.on('error', () => {});
  connections.push(opened);
  return opened;
}

function freshName(kind) {
  return `amqplib.${kind}.${randomUUID()}`;
}

async function declared(options) {
  const { queue } = await channel.assertQueue(freshName('queue'), options);
  queues.push(queue);
  return queue;
}

async function exchangeOf(type, options) {
  const { exchange } = await channel.assertExchange(freshName(type), type, options);
  exchanges.push(exchange);
  return exchange;
}

/** Publishes and returns when the broker has confirmed all of it. */
async function fill(queue, ...bodies) {
  const confirming = await connection.createConfirmChannel();
  for (const body of bodies) confirming.sendToQueue(queue, Buffer.from(body), { persistent: true });
  await confirming.waitForConfirms();
  await confirming.close();
}

async function until(what, condition) {
  for (let tries = 0; !(await condition()); tries++) {
    assert.ok(tries < 1000, `not within ten seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Consumes into a list; the callback settles nothing by itself. */
async function consume(queue, into, options, by = channel) {
  return by.consume(queue, (message) => into.push(message), options);
}

const bodies = (messages) => messages.map((message) => message.content.toString());

test('a confirm channel confirms each message to its callback', limits, async () => {
  const queue = await declared();
  const confirming = await connection.createConfirmChannel();
  const sent = [];
  for (let number = 0; number < 100; number++) {
    sent.push(new Promise((resolve, reject) => {
      confirming.sendToQueue(queue, Buffer.from(`${number}`), { persistent: true }, (refused) =>
        refused ? reject(refused) : resolve(number));
    }));
  }
  await confirming.waitForConfirms();
  assert.equal((await Promise.all(sent)).length, 100);
  assert.equal((await channel.checkQueue(queue)).messageCount, 100);
});

test('a message that a full queue refuses comes to its callback as an error', limits, async () => {
  const queue = await declared({ maxLength: 1, arguments: { 'x-overflow': 'reject-publish' } });
  const confirming = await connection.createConfirmChannel();
  const publish = promisify(confirming.sendToQueue).bind(confirming);
  await publish(queue, Buffer.from('a'), {});
  await assert.rejects(publish(queue, Buffer.from('b'), {}), /nacked/);
});

test('a prefetch bounds what is unacknowledged', limits, async () => {
  const queue = await declared();
  await fill(queue, ...'abcdefgh');
  const seen = [];
  await channel.prefetch(3);
  await consume(queue, seen);
  await until('three messages', () => seen.length === 3);
  assert.equal((await channel.checkQueue(queue)).messageCount, 5);
  channel.ack(seen[1], true);
  await until('two more', () => seen.length === 5);
  channel.nackAll(true);
  assert.deepEqual(bodies(seen.slice(0, 5)), [...'abcde']);
});

test('a prefetch may be shared by the consumers of a channel', limits, async () => {
  const queue = await declared();
  await fill(queue, ...'abcdefgh');
  const seen = [];
  await channel.prefetch(3, true);
  await consume(queue, seen);
  await consume(queue, seen);
  await until('three messages', () => seen.length === 3);
  assert.equal((await channel.checkQueue(queue)).messageCount, 5);
});

test('a request finds its reply in an exclusive queue', limits, async () => {
  const requests = await declared();
  const server = await (await connect()).createChannel();
  await server.consume(requests, (asked) => {
    server.sendToQueue(asked.properties.replyTo, asked.content, { correlationId: asked.properties.correlationId });
    server.ack(asked);
  });
  const replies = [];
  const { queue: answers } = await channel.assertQueue('', { exclusive: true });
  await consume(answers, replies, { noAck: true });
  channel.sendToQueue(requests, Buffer.from('question'), { replyTo: answers, correlationId: '7' });
  await until('the reply', () => replies.length === 1);
  assert.equal(replies[0].properties.correlationId, '7');
});

test('a request finds its reply without a queue', limits, async () => {
  const requests = await declared();
  const server = await (await connect()).createChannel();
  await server.consume(requests, (asked) => {
    server.sendToQueue(asked.properties.replyTo, Buffer.from(`re: ${asked.content}`));
  }, { noAck: true });
  const replies = [];
  await consume('amq.rabbitmq.reply-to', replies, { noAck: true });
  channel.sendToQueue(requests, Buffer.from('question'), { replyTo: 'amq.rabbitmq.reply-to' });
  await until('the reply', () => replies.length === 1);
  assert.deepEqual(bodies(replies), ['re: question']);
});

test('an alternate exchange gets what is unroutable', limits, async () => {
  const rest = await exchangeOf('fanout');
  const first = await exchangeOf('direct', { alternateExchange: rest });
  const queue = await declared();
  await channel.bindQueue(queue, rest, '');
  channel.publish(first, 'nobody', Buffer.from('a'));
  await until('the message', async () => (await channel.checkQueue(queue)).messageCount === 1);
});

test('a mandatory message without a queue is returned', limits, async () => {
  const returned = once(channel, 'return');
  channel.publish('', freshName('nowhere'), Buffer.from('a'), { mandatory: true, messageId: 'm' });
  const [message] = await returned;
  assert.equal(message.fields.replyCode, 312);
  assert.equal(message.properties.messageId, 'm');
  assert.equal(message.content.toString(), 'a');
});

test('an exchange bound to an exchange passes messages on', limits, async () => {
  const source = await exchangeOf('topic');
  const target = await exchangeOf('fanout');
  const queue = await declared();
  await channel.bindExchange(target, source, 'a.*');
  await channel.bindQueue(queue, target, '');
  channel.publish(source, 'a.b', Buffer.from('through'));
  channel.publish(source, 'b.b', Buffer.from('stopped'));
  await until('the message', async () => (await channel.checkQueue(queue)).messageCount === 1);
  assert.equal((await channel.get(queue, { noAck: true })).content.toString(), 'through');
  await channel.unbindExchange(target, source, 'a.*');
});

test('expired and rejected messages become dead letters', limits, async () => {
  const grave = await declared();
  const queue = await declared({ deadLetterExchange: '', deadLetterRoutingKey: grave, messageTtl: 600_000 });
  channel.sendToQueue(queue, Buffer.from('expired'), { expiration: 100 });
  const dead = [];
  await consume(grave, dead, { noAck: true });
  await until('the expired one', () => dead.length === 1);
  await fill(queue, 'rejected');
  channel.nack(await channel.get(queue), false, false);
  await until('the rejected one', () => dead.length === 2);
  assert.deepEqual(dead.map((each) => each.properties.headers['x-death'][0].reason), ['expired', 'rejected']);
});

test('priorities of messages decide their order', limits, async () => {
  const queue = await declared({ maxPriority: 3 });
  for (const priority of [1, 3, 2]) channel.sendToQueue(queue, Buffer.from(`${priority}`), { priority });
  await until('all', async () => (await channel.checkQueue(queue)).messageCount === 3);
  const seen = [];
  await consume(queue, seen, { noAck: true });
  await until('all of them here', () => seen.length === 3);
  assert.deepEqual(bodies(seen), ['3', '2', '1']);
});

test('the consumer of the highest priority is served first', limits, async () => {
  const queue = await declared();
  const low = [];
  const high = [];
  await consume(queue, low, { priority: 1, noAck: true });
  await consume(queue, high, { priority: 9, noAck: true });
  await fill(queue, 'a', 'b');
  await until('both', () => low.length + high.length === 2);
  assert.deepEqual(bodies(high), ['a', 'b']);
});

test('an unused queue expires', limits, async () => {
  const { queue } = await channel.assertQueue(freshName('expiring'), { expires: 200 });
  const watching = await connect();
  await until('the end of the queue', async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const asking = await watching.createChannel();
    asking.on('error', () => {});
    return asking.checkQueue(queue).then(() => false, (missing) => /404/.test(missing.message));
  });
});

test('a cancelled consumer hears of it', limits, async () => {
  const queue = await declared();
  const seen = [];
  await consume(queue, seen);
  await (await (await connect()).createChannel()).deleteQueue(queue);
  await until('the cancel', () => seen.length === 1);
  assert.equal(seen[0], null);
});

test('what the broker refuses closes the channel with its code', limits, async () => {
  const failing = await connection.createChannel();
  const failed = once(failing, 'error');
  await assert.rejects(failing.checkQueue(freshName('missing')), /404 \(NOT-FOUND\)/);
  assert.equal((await failed)[0].code, 404);
  await declared();
});

test('recover delivers again', limits, async () => {
  const queue = await declared();
  await fill(queue, 'a');
  const seen = [];
  await consume(queue, seen);
  await until('the message', () => seen.length === 1);
  await channel.recover();
  await until('it again', () => seen.length === 2);
  assert.equal(seen[1].fields.redelivered, true);
});

test('headers of every type come back as sent', limits, async () => {
  const queue = await declared();
  const headers = {
    text: 'ü', whole: 42, negative: -7, large: 2 ** 40, fraction: 0.5, yes: true, no: false, nothing: null,
    list: [1, 'two', [3]], table: { inner: { deepest: 'x' } }, bytes: Buffer.from([0, 255]),
    time: { '!': 'timestamp', value: 1_234_567_890 },
  };
  channel.sendToQueue(queue, Buffer.from(''), { headers });
  await until('the message', async () => (await channel.checkQueue(queue)).messageCount === 1);
  assert.deepEqual((await channel.get(queue, { noAck: true })).properties.headers, headers);
});

test('a stream is read from its beginning', limits, async () => {
  const queue = await declared({ arguments: { 'x-queue-type': 'stream' } });
  await fill(queue, 'a', 'b');
  const seen = [];
  await channel.prefetch(10);
  await consume(queue, seen, { arguments: { 'x-stream-offset': 'first' } });
  await until('both', () => seen.length === 2);
  assert.deepEqual(seen.map((each) => each.properties.headers['x-stream-offset']), [0, 1]);
});

test('large bodies pass unchanged', limits, async () => {
  const queue = await declared();
  const large = Buffer.alloc(3_000_000, 'holdfast');
  const confirming = await connection.createConfirmChannel();
  confirming.sendToQueue(queue, large, { persistent: true });
  await confirming.waitForConfirms();
  assert.ok((await channel.get(queue, { noAck: true })).content.equals(large));
});

test('callbacks: publish with confirms, consume, acknowledge', limits, async () => {
  const queue = await declared();
  const opened = await promisify(callbacks.connect)(url);
  const confirming = await promisify(opened.createConfirmChannel).call(opened);
  for (const body of ['a', 'b']) {
    await new Promise((resolve, reject) => {
      confirming.publish('', queue, Buffer.from(body), {}, (refused) => (refused ? reject(refused) : resolve()));
    });
  }
  const seen = [];
  await new Promise((resolve, reject) => {
    confirming.consume(queue, (message) => {
      seen.push(message);
      confirming.ack(message);
    }, {}, (refused, ok) => (refused ? reject(refused) : resolve(ok)));
  });
  await until('both', () => seen.length === 2);
  await promisify(confirming.close).call(confirming);
  await promisify(opened.close).call(opened);
  assert.deepEqual(bodies(seen), ['a', 'b']);
  assert.equal((await channel.checkQueue(queue)).messageCount, 0);
});

test('callbacks: a refusal comes as an error', limits, async () => {
  const opened = await promisify(callbacks.connect)(url);
  const failing = await promisify(opened.createChannel).call(opened);
  failing.on('error', () => {});
  const missing = await new Promise((resolve) => failing.checkExchange(freshName('missing'), (refused) => resolve(refused)));
  assert.equal(missing.code, 404);
  await promisify(opened.close).call(opened);
});

test('a wrong password is told as such', limits, async () => {
  const wrong = new URL(url);
  wrong.username = 'guest';
  wrong.password = 'wrong';
  await assert.rejects(promises.connect(wrong.href), /403 \(ACCESS-REFUSED\)/);
});
