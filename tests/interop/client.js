// Makes one call with the unmodified expresscheckout-nodejs client and prints what came of it as JSON.
//
//   node client.js create '{"order_id": ...}'
//   node client.js status ORDER_ID
//   node client.js refund ORDER_ID '{"unique_request_id": ..., "amount": ...}'
//   node client.js open '{"header": ..., "encryptedKey": ...}'   (what somebody else encrypted for KEY_ID)
//
// With KEY_ID, PRIVATE_KEY_FILE and PUBLIC_KEY_FILE it signs and seals (JWT mode), else it sends API_KEY.
//
// The client always speaks TLS to the name and port of its base URL. The gateway's public name is led to the
// simulator's port here, as an entry of a hosts file and a port forward would do; the client knows nothing of it.
"use strict";

const fs = require("node:fs");
const https = require("node:https");
const path = require("node:path");
const { Juspay } = require("expresscheckout-nodejs");

const { GATEWAY_NAME, SIMULATOR_PORT, API_KEY, MERCHANT_ID } = process.env;
const { KEY_ID, PRIVATE_KEY_FILE, PUBLIC_KEY_FILE } = process.env;
const keys = KEY_ID && {
  keyId: KEY_ID,
  privateKey: fs.readFileSync(PRIVATE_KEY_FILE, "utf8"),
  publicKey: fs.readFileSync(PUBLIC_KEY_FILE, "utf8"),
};
const connect = https.Agent.prototype.createConnection;
https.Agent.prototype.createConnection = function (options, ...rest) {
  const led = { ...options, host: "127.0.0.1", port: Number(SIMULATOR_PORT) };
  return connect.call(this, options.host === GATEWAY_NAME ? led : options, ...rest);
};

Juspay.customLogger = Juspay.silentLogger;
const gateway = new Juspay({
  merchantId: MERCHANT_ID,
  ...(keys ? { jweAuth: keys } : { apiKey: API_KEY }),
  baseUrl: `https://${GATEWAY_NAME}`,
  timeout: 10000,
});

const calls = {
  create: (session) => gateway.orderSession.create(JSON.parse(session)),
  status: (order) => gateway.order.status(order),
  refund: (order, refund) => gateway.order.refund(order, JSON.parse(refund)),
  open: async (envelope) => {
    const folder = path.dirname(require.resolve("expresscheckout-nodejs"));
    const { JWT } = require(path.join(folder, "security", "index.js")).default;
    return JSON.parse(JWT.jwtDecrypt(envelope, keys.keyId, keys.publicKey, keys.privateKey));
  },
};
const [, , call, ...given] = process.argv;

calls[call](...given).then(
  ({ http, ...answer }) => show({ status: http && http.statusCode, answer }),
  (error) =>
    show({
      failed: error.name,
      message: error.message,
      error_code: error.error_code,
      fields: error.error_info && error.error_info.fields,
    }),
);

function show(result) {
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}
