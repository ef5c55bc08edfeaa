// The functions, grouped by what they do.
#include "ledger/secrets/call_rules.h"

#include <array>

namespace runledger {

namespace {

namespace call_table {

using enum Demand;

// The formatter would put every string on a line of its own.
// clang-format off
constexpr std::array kCallRules = std::to_array<CallRule>({
    // Connections to databases and directories.
    {"pdo(", 3, kAny, "new PDO('mysql:host=db', 'root', '«=nighttrain»')", "new PDO($dsn, $user, '***')"},
    {"pdo->__construct(", 3, kAny, "PDO->__construct('mysql:host=db', 'root', '«=nighttrain»')",
     "PDO->__construct('mysql:host=db', 'root', NULL)"},
    {"mysqli->__construct(", 3, kAny, "mysqli->__construct('db', 'root', '«=nighttrain»')",
     "mysqli->__construct('db', 'root', NULL)"},
    {"mysqli_connect(", 3, kAny, "mysqli_connect('h', 'bob', '«=nighttrain»')", "mysqli_connect('h', 'bob', '$PW')"},
    {"mysql_connect(", 3, kAny, "mysql_connect('h', 'bob', '«=nighttrain»')", "mysql_connect('h', 'bob', '$PW')"},
    {"mysqli(", 3, kAny, "mysqli('h', 'bob', '«=nighttrain»')", "mysqli('h', 'bob', '$PW')"},
    {"odbc_connect(", 3, kAny, "odbc_connect('h', 'bob', '«=nighttrain»')", "odbc_connect('h', 'bob', '$PW')"},
    {"db2_connect(", 3, kAny, "db2_connect('h', 'bob', '«=nighttrain»')", "db2_connect('h', 'bob', '$PW')"},
    {"oci_connect(", 2, kAny, "oci_connect('h', '«=nighttrain»')", "oci_connect('h', '$PW')"},
    {"ldap_bind(", 3, kAny, "ldap_bind('h', 'bob', '«=nighttrain»')", "ldap_bind('h', 'bob', '$PW')"},
    {"ftp_login(", 3, kAny, "ftp_login('h', 'bob', '«=nighttrain»')", "ftp_login('h', 'bob', '$PW')"},
    {"imap_open(", 3, kAny, "imap_open('h', 'bob', '«=nighttrain»')", "imap_open('h', 'bob', '$PW')"},
    {"getconnection(", 3, kAny, "DriverManager.getConnection('h', 'bob', '«=nighttrain»')",
     "DriverManager.getConnection('h', 'bob', '$PW')"},
    {"ssh2_auth_password(", 3, kAny, "ssh2_auth_password('h', 'bob', '«=nighttrain»')",
     "ssh2_auth_password('h', 'bob', '$PW')"},
    {"mysqldb.connect(", 3, kAny, "MySQLdb.connect('h', 'bob', '«=nighttrain»')", "MySQLdb.connect('h', 'bob', '$PW')"},
    {"pymysql.connect(", 3, kAny, "pymysql.connect('h', 'bob', '«=nighttrain»')", "pymysql.connect('h', 'bob', '$PW')"},
    {"simple_bind_s(", 2, kAny, "con.simple_bind_s('cn=admin', '«=nighttrain»')", "con.simple_bind_s('cn=admin', '')"},
    {"simple_bind(", 2, kAny, "con.simple_bind('cn=admin', '«=nighttrain»')", "con.simple_bind('cn=admin', '')"},
    {"oracledb.connect(", 2, kMarked, "oracledb.connect('bob', '«=Night.Train»')", "oracledb.connect('bob', 'prod')"},
    {"remote(", 4, kMarked, "FROM remote('ch1', db.t, 'bob', '«=Night.Train»')",
     "FROM remote('ch1', db.t, 'bob', 'eu')"},
    {"mysql(", 5, kMarked, "FROM mysql('h:3306', 'd', 't', 'bob', '«=Night.Train»')", "FROM mysql('h:3306', 'd', 't')"},
    {"postgresql(", 5, kMarked, "postgresql('h:5432', 'd', 't', 'bob', '«=Night.Train»')", "postgresql('h', 'd', 't')"},
    {"s3(", 3, kMixed, "FROM s3('https://b/x', 'KEYID', '«a40»7b')", "FROM s3('https://b/x', 'CSV', 'a int')"},
    {"sasl_auth(", 2, kMarked, "sasl_auth('bob', '«=Night.Train»')", "sasl_auth('bob', 'plain')"},
    // Users and passwords.
    {"login(", 2, kMarked, "login('bob', '«=Night.Train»')", "login('bob', 'realm')"},
    {"authenticate(", 2, kMarked, "authenticate('bob', '«=Night.Train»')", "authenticate('bob', 'realm')"},
    {"auth = (", 2, kMarked, "session.auth = ('bob', '«=Night.Train»')", "session.auth = ('bob', 'realm')"},
    {"auth=(", 2, kMarked, "get(url, auth=('bob', '«=Night.Train»'))", "get(url, auth=('bob', 'realm'))"},
    {"auth(", 2, kMarked, "auth('bob', '«=Night.Train»')", "auth('bob', 'realm')"},
    {"signin(", 2, kMarked, "signIn('bob', '«=Night.Train»')", "signIn('bob', 'realm')"},
    {"credential(", 2, kMarked, "PSCredential('bob', '«=Night.Train»')", "PSCredential('bob', 'realm')"},
    {"credentials(", 2, kMarked, "UsernamePasswordCredentials('bob', '«=Night.Train»')",
     "UsernamePasswordCredentials('bob', 'realm')"},
    {"authenticationtoken(", 2, kMarked, "UsernamePasswordAuthenticationToken('bob', '«=Night.Train»')",
     "UsernamePasswordAuthenticationToken('bob', 'realm')"},
    {"passwordauthentication(", 2, kMarked, "new PasswordAuthentication('bob', '«=Night.Train»')",
     "new PasswordAuthentication('bob', 'realm')"},
    {"httpbasicauth(", 2, kMarked, "HTTPBasicAuth('bob', '«=Night.Train»')", "HTTPBasicAuth('bob', 'realm')"},
    {"httpdigestauth(", 2, kMarked, "HTTPDigestAuth('bob', '«=Night.Train»')", "HTTPDigestAuth('bob', 'realm')"},
    {"basicauth(", 2, kMarked, "req.SetBasicAuth('bob', '«=Night.Train»')", "req.SetBasicAuth('bob', 'realm')"},
    {"basic_auth(", 2, kMarked, "basic_auth('bob', '«=Night.Train»')", "basic_auth('bob', 'realm')"},
    {"basicauthentication(", 2, kMarked, "basicAuthentication('bob', '«=Night.Train»')",
     "basicAuthentication('bob', 'realm')"},
    {"setcredentials(", 2, kMarked, "setCredentials('bob', '«=Night.Train»')", "setCredentials('bob', 'realm')"},
    {"sendline(", 1, kMarked, "child.expect('assword:'); child.sendline('«=Night.Train»')",
     "child.sendline('show version')"},
    {"createuser(", 2, kMarked, "createUser('bob', '«=Night.Train»')", "createUser('bob', 'reader')"},
    {"changepassword(", 2, kMarked, "changePassword('bob', '«=Night.Train»')", "changePassword('bob', '')"},
    // Keys of functions that encrypt and sign.
    {"pgp_sym_encrypt(", 2, kAny, "x := pgp_sym_encrypt(ssn, '«=nighttrain»')", "x := pgp_sym_encrypt(ssn, '$KEY')"},
    {"pgp_sym_decrypt(", 2, kAny, "x := pgp_sym_decrypt(ssn, '«=nighttrain»')", "x := pgp_sym_decrypt(ssn, '$KEY')"},
    {"aes_encrypt(", 2, kAny, "x := aes_encrypt(ssn, '«=nighttrain»')", "x := aes_encrypt(ssn, '$KEY')"},
    {"aes_decrypt(", 2, kAny, "x := aes_decrypt(ssn, '«=nighttrain»')", "x := aes_decrypt(ssn, '$KEY')"},
    {"crypt(", 1, kMarked, "crypt('«=Night.Train»', gen_salt('bf'))", "crypt('reader', gen_salt('bf'))"},
    {"encrypt(", 2, kMixed, "encrypt(x, '«a20»7b')", "encrypt(x, 'aes-256-cbc')"},
    {"decrypt(", 2, kMixed, "decrypt(x, '«a20»7b')", "decrypt(x, 'aes-256-cbc')"},
    {"hmac(", 2, kMixed, "hmac(x, '«a20»7b')", "hmac(x, 'aes-256-cbc')"},
    {"createhmac(", 2, kMixed, "createhmac(x, '«a20»7b')", "createhmac(x, 'aes-256-cbc')"},
    {"jwt.sign(", 2, kMixed, "jwt.sign(x, '«a20»7b')", "jwt.sign(x, 'aes-256-cbc')"},
    {"jwt.verify(", 2, kMixed, "jwt.verify(x, '«a20»7b')", "jwt.verify(x, 'aes-256-cbc')"},
    {"jwt.encode(", 2, kMixed, "jwt.encode(x, '«a20»7b')", "jwt.encode(x, 'aes-256-cbc')"},
    {"jwt.decode(", 2, kMixed, "jwt.decode(x, '«a20»7b')", "jwt.decode(x, 'aes-256-cbc')"},
    {"hmacsha256(", 2, kMixed, "hmacsha256(x, '«a20»7b')", "hmacsha256(x, 'aes-256-cbc')"},
    {"openssl_encrypt(", 3, kMixed, "openssl_encrypt($d, 'aes-256-cbc', '«a20»7b')",
     "openssl_encrypt($d, 'aes-256-cbc', $key)"},
    {"openssl_decrypt(", 3, kMixed, "openssl_decrypt($d, 'aes-256-cbc', '«a20»7b')",
     "openssl_decrypt($d, 'aes-256-cbc', $key)"},
    {"hash_hmac(", 3, kMixed, "hash_hmac('sha256', $d, '«a20»7b')", "hash_hmac('sha256', $d, $key)"},
    {"env(", 2, kOpaque, "env('APP_SECRET', '«h32»')", "env('APP_ENV', 'production')"},
    {"aes.new(", 1, kMixed, "AES.new(b'«a14»7b', AES.MODE_ECB)", "AES.new(key, AES.MODE_ECB)"},
    {"fernet(", 1, kMixed, "Fernet(b'«a40»7b')", "Fernet(key)"},
    // Clients of services.
    {"algoliasearch(", 2, kOpaque, "algoliasearch('ABCD1234EF', '«h32»')", "algoliasearch('ABCD1234EF', 'products')"},
    {"twilio(", 2, kOpaque, "twilio('ABCD1234EF', '«h32»')", "twilio('ABCD1234EF', 'products')"},
});
// clang-format on

}  // namespace call_table

}  // namespace

std::span<const CallRule> call_rules() {
  return call_table::kCallRules;
}

}  // namespace runledger
