// Makes one call with the unmodified expresscheckout-nodejs client and prints what came of it as JSON.
//
//   node client.js create '{"order_id": ...}'     node client.js status ORDER_ID
//
// The client always speaks TLS to the name and port of its base URL. The gateway's public name is led to the
// simulator's port here, as an entry of a hosts file and a port forward would do; the client knows nothing of it.
"use strict";

const https = require("node:https");
const { Juspay } = require("expresscheckout-nodejs");

const { GATEWAY_NAME, SIMULATOR_PORT, API_KEY, MERCHANT_ID } = process.env;
const connect = https.Agent.prototype.createConnection;
https.Agent.prototype.createConnection = function (options, ...rest) {
  const led = { ...options, host: "127.0.0.1", port: Number(SIMULATOR_PORT) };
  return connect.call(this, options.host === GATEWAY_NAME ? led : options, ...rest);
};

Juspay.customLogger = Juspay.silentLogger;
const gateway = new Juspay({
  merchantId: MERCHANT_ID,
  apiKey: API_KEY,
  baseUrl: `https://${GATEWAY_NAME}`,
  timeout: 10000,
});

const [, , call, given] = process.argv;
const asked =
  call === "create" ? gateway.orderSession.create(JSON.parse(given)) : gateway.order.status(given);

asked.then(
  ({ http, ...answer }) => show({ status: http.statusCode, answer }),
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
