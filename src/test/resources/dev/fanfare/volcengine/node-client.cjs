// Calls every action with the vendor's Node SDK and prints one JSON array of what it returned.
// Arguments: the SDK's directory, host:port, access key, secret key, AppId, session token or "".
const [, , directory, host, accessKeyId, secretKey, appId, sessionToken] = process.argv;
const { Service } = require(directory);
const service = new Service({
  protocol: 'http:',
  host,
  region: 'cn-north-1',
  serviceName: 'rtc',
  defaultVersion: '2020-12-01',
  accessKeyId,
  secretKey,
  ...(sessionToken ? { sessionToken } : {}),
});
const AppId = Number(appId);
const call = (action, fields) => service.createJSONAPI(action)({ AppId, ...fields });

(async () => {
  const answers = [];
  answers.push(await call('RegisterUsers', {
    Users: [
      { UserId: 20001, NickName: '用户 \u{1F600}', Tags: ['node'], Ext: { key: '值' } },
      { UserId: 20002, NickName: 'n'.repeat(101) },
    ],
  }));
  answers.push(await call('BatchGetUser', { UserIds: [20001, 20002] }));
  answers.push(await call('BatchUpdateUser', { Users: [{ UserId: 20001, NickName: 'new' }] }));
  answers.push(await call('BatchUpdateUserTags', { UserIds: [20001], Tags: ['more'], Op: 0 }));
  answers.push(await call('UserBroadcast', {
    Sender: 20001, MsgType: 10001, Content: '{"text":"hello 世界"}', MsgTTL: 300, Tags: ['node'],
  }));
  answers.push(await call('GetAppToken', { UserId: 20001, ExpireTime: Date.now() + 3600000 }));
  answers.push(await call('QueryOnlineStatus', { UserIds: [20001] }));
  answers.push(await call('BatchGetUser', { UserIds: [20001] }));
  answers.push(await call('UnRegisterUsers', { UserIds: [20001, 20002] }));
  answers.push(await call('BatchGetUser', {}));
  service.setSecretKey(secretKey + 'x');
  answers.push(await call('BatchGetUser', { UserIds: [20001] }));
  process.stdout.write(JSON.stringify(answers));
})().catch((error) => {
  process.stderr.write(String(error && error.stack));
  process.exit(1);
});
