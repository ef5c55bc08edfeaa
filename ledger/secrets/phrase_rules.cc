// The phrases, grouped by where they are written.
#include "ledger/secrets/phrase_rules.h"

#include <array>

namespace runledger {

namespace {

namespace phrase_table {

using enum Demand;

// The formatter would put every string on a line of its own.
// clang-format off
constexpr std::array kPhraseRules = std::to_array<PhraseRule>({
    // Databases and queues.
    {"identified with * by", kAny, "ALTER USER a IDENTIFIED WITH sha256_password BY '«=Rhubarb!»'",
     "IDENTIFIED WITH sha256_password BY '***'"},
    {"identified by values", kAny, "IDENTIFIED BY VALUES '«a16»'", "IDENTIFIED BY VALUES '***'"},
    {"requirepass", kAny, "requirepass «=Otter_8»", "requirepass is not set"},
    {"masterauth", kAny, "masterauth «=Otter_8»", "masterauth missing"},
    {"AUTH", kMarked, "AUTH «=heron44x»", "AUTH CRAM-MD5 rejected"},
    {"AUTH default", kMarked, "AUTH default «=heron44x»", "AUTH default failed"},
    {"setuser * >", kAny, "ACL setuser app >«=Weasel.Nest» +@all", "ACL setuser app > log"},
    {"setuser * * >", kAny, "ACL setuser app on >«=Weasel.Nest» +@all", "ACL setuser app on > log"},
    {"setuser * * * >", kAny, "ACL setuser app on ~x >«=Weasel.Nest» +@all", "ACL setuser app on ~x > log"},
    {"user * on >", kAny, "ACL user app on >«=Weasel.Nest» +@all", "ACL user app on > log"},
    {"connect to * user * using", kAny, "db2 connect to SAMPLE user bob using «=Juniper»",
     "db2 connect to SAMPLE user bob using $PW"},
    {"user * using", kMarked, "connect user bob using «=Juniper7»", "the user bob using Firefox"},
    {"rabbitmqctl add_user *", kAny, "rabbitmqctl add_user bob «=hedgehog»", "rabbitmqctl add_user bob $PW"},
    {"rabbitmqctl change_password *", kAny, "rabbitmqctl change_password bob «=hedgehog»",
     "rabbitmqctl change_password bob ***"},
    {"add_user *", kMarked, "add_user bob «=Hare_and_Hound»", "add_user bob failed"},
    {"change_password *", kMarked, "change_password bob «=Hare_and_Hound»", "change_password bob failed"},
    {"authenticate_user *", kMarked, "authenticate_user bob «=Hare_and_Hound»", "authenticate_user bob failed"},
    {"set-initial-password", kAny, "neo4j-admin dbms set-initial-password «=Hazelnut»", "set-initial-password failed"},
    {"alias set * * *", kMarked, "mc alias set s https://s.example.com KEYID «a40»",
     "mc alias set s https://s.example.com $KEY $SECRET"},
    // Windows.
    {"convertto-securestring", kAny, "(ConvertTo-SecureString \"«=Mason.Trowel»\" -AsPlainText -Force)",
     "(ConvertTo-SecureString $text -AsPlainText -Force)"},
    {"net user *", kMarked, "net user bob «=Thistle!77» /add", "net user bob /delete"},
    {"net use * *", kMarked, "net use Z: \\\\nas\\x «=Thistle!77» /user:bob", "net use Z: \\\\nas\\x /persistent:yes"},
    // Devices of networks.
    {"tacacs-server key", kAny, "tacacs-server key «=Tunnel.View»", "tacacs-server key is missing"},
    {"tacacs-server key 7", kAny, "tacacs-server key 7 «=Tunnel.View»", "tacacs-server key 7 is missing"},
    {"radius-server key", kAny, "radius-server key «=Tunnel.View»", "radius-server key is missing"},
    {"radius-server key 7", kAny, "radius-server key 7 «=Tunnel.View»", "radius-server key 7 is missing"},
    {"tacacs-server host * key", kAny, "tacacs-server host 10.0.0.1 key «=Tunnel.View»",
     "tacacs-server host 10.0.0.1 key is missing"},
    {"radius-server host * key", kAny, "radius-server host 10.0.0.1 key «=Tunnel.View»",
     "radius-server host 10.0.0.1 key is missing"},
    {"isakmp key", kAny, "crypto isakmp key «=Tunnel.View»", "crypto isakmp key is missing"},
    {"isakmp key 6", kAny, "crypto isakmp key 6 «=Tunnel.View»", "crypto isakmp key 6 is missing"},
    {"pre-shared-key", kAny, "pre-shared-key «=Tunnel.View»", "pre-shared-key is missing"},
    {"pre-shared-key ascii-text", kAny, "pre-shared-key ascii-text «=Tunnel.View»",
     "pre-shared-key ascii-text is missing"},
    {"pre-shared-key hexadecimal", kAny, "pre-shared-key hexadecimal «=Tunnel.View»",
     "pre-shared-key hexadecimal is missing"},
    {"pre-shared-key local", kAny, "pre-shared-key local «=Tunnel.View»", "pre-shared-key local is missing"},
    {"pre-shared-key remote", kAny, "pre-shared-key remote «=Tunnel.View»", "pre-shared-key remote is missing"},
    {"pre-shared-key cipher", kAny, "pre-shared-key cipher «=Tunnel.View»", "pre-shared-key cipher is missing"},
    {"authentication-key * md5", kAny, "ntp authentication-key 1 md5 «=Tunnel.View»",
     "ntp authentication-key 1 md5 is missing"},
    {"message-digest-key * md5", kAny, "message-digest-key 1 md5 «=Tunnel.View»",
     "message-digest-key 1 md5 is missing"},
    {"psksecret", kAny, "set psksecret «=Tunnel.View»", "set psksecret is missing"},
    {"wpa-psk ascii", kAny, "wpa-psk ascii «=Tunnel.View»", "wpa-psk ascii is missing"},
    {"wpa-psk ascii 0", kAny, "wpa-psk ascii 0 «=Tunnel.View»", "wpa-psk ascii 0 is missing"},
    {"neighbor * password", kAny, "neighbor 10.0.0.1 password «=Tunnel.View»", "neighbor 10.0.0.1 password is missing"},
    {"key-string", kMarked, "key-string «=Tunnel.View»", "key-string failed"},
    {"authentication-key", kMarked, "ip ospf authentication-key «=Tunnel.View»", "ip ospf authentication-key failed"},
    {"standby * authentication", kMarked, "standby 1 authentication «=Tunnel.View»", "standby 1 authentication failed"},
    {"enable secret", kMarked, "enable secret «=Tunnel.View»", "enable secret failed"},
    {"enable password", kMarked, "enable password «=Tunnel.View»", "enable password failed"},
    {"username * secret", kMarked, "username bob secret «=Tunnel.View»", "username bob secret failed"},
    {"username * privilege * secret", kMarked, "username bob privilege 15 secret «=Tunnel.View»",
     "username bob privilege 15 secret failed"},
    {"community read", kMarked, "snmp-agent community read «=Tunnel.View»", "snmp-agent community read failed"},
    {"community write", kMarked, "snmp-agent community write «=Tunnel.View»", "snmp-agent community write failed"},
    {"auth sha", kMarked, "snmp-server user u g v3 auth sha «=Tunnel.View»", "snmp-server user u g v3 auth sha failed"},
    {"auth md5", kMarked, "snmp-server user u g v3 auth md5 «=Tunnel.View»", "snmp-server user u g v3 auth md5 failed"},
    {"priv aes", kMarked, "priv aes «=Tunnel.View»", "priv aes failed"},
    {"priv aes 128", kMarked, "priv aes 128 «=Tunnel.View»", "priv aes 128 failed"},
    {"priv aes 256", kMarked, "priv aes 256 «=Tunnel.View»", "priv aes 256 failed"},
    {"priv des", kMarked, "priv des «=Tunnel.View»", "priv des failed"},
    {"set passwd", kMarked, "set passwd «=Tunnel.View»", "set passwd failed"},
    {"secret 0", kMarked, "secret 0 «=Tunnel.View»", "secret 0 failed"},
    {"psk", kMixed, "psk «a20»7b", "psk mismatch"},
    {"wpa-psk", kMixed, "wpa-psk «a20»7b", "wpa-psk mismatch"},
    // Directories and mail.
    {"bindpw", kAny, "bindpw «=Sugar_Cane»", "bindpw is missing"},
    {"rootpw", kAny, "rootpw «=Sugar_Cane»", "rootpw is missing"},
    {"LOGIN *", kAssigned, "a1 LOGIN \"bob\" \"«=brushstroke»\"", "a1 LOGIN bob failed"},
    {"IDENTIFY", kMarked, "PRIVMSG NickServ :IDENTIFY «=Brush.Stroke»", "IDENTIFY failed"},
    // Tools.
    {"operator unseal", kMixed, "vault operator unseal «b43»1", "vault operator unseal failed"},
    {"vault unseal", kMixed, "vault unseal «b43»1", "vault unseal failed"},
    {"vault login", kMixed, "vault login «a24»1", "vault login failed"},
    {"snyk auth", kUuid, "snyk auth «h8»-«h4»-4«h3»-9«h3»-«h12»", "snyk auth failed"},
    {"-hashes", kOpaque, "psexec.py -hashes «h32»:«h32» bob@h", "sort -hashes -n"},
    {"rclone obscure", kAny, "rclone obscure «=Hazelnut»", "rclone obscure $PW"},
    {"openssl passwd -1", kAny, "openssl passwd -1 «=Hazelnut»", "openssl passwd -1 $PW"},
    {"openssl passwd -6", kAny, "openssl passwd -6 «=Hazelnut»", "openssl passwd -6 $PW"},
    {"openssl passwd -apr1", kAny, "openssl passwd -apr1 «=Hazelnut»", "openssl passwd -apr1 $PW"},
    {"chpasswd <<<", kBasic, "chpasswd <<< '«=bob:Hazel9nut»'", "chpasswd <<< $LINE"},
    {"sudo -S <<<", kAny, "sudo -S <<< '«=hazelnut»'", "sudo -S <<< $PW"},
    {"--stdin <<<", kAny, "passwd --stdin bob <<< x; passwd --stdin <<< '«=hazelnut»'", "passwd --stdin <<< $PW"},
    {"--password-stdin <<<", kAny, "docker login -u b --password-stdin <<< '«=hazelnut»'",
     "docker login --password-stdin <<< $PW"},
    {"password send", kAny, "expect \"*password:*\"; send \"«=Earl.Grey»\\r\"",
     "expect \"*password:*\"; send \"$pw\\r\""},
    {"assword send", kAny, "expect \"*assword:*\"; send \"«=Earl.Grey»\\r\"", "expect \"*assword:*\"; send \"$pw\\r\""},
    {"passphrase send", kAny, "expect \"*passphrase:*\"; send \"«=Earl.Grey»\\r\"",
     "expect \"*passphrase:*\"; send \"$pw\\r\""},
    {"password send --", kAny, "expect \"*password:*\"; send -- \"«=Earl.Grey»\\r\"",
     "expect \"*password:*\"; send -- \"$pw\\r\""},
    {"assword send --", kAny, "expect \"*assword:*\"; send -- \"«=Earl.Grey»\\r\"",
     "expect \"*assword:*\"; send -- \"$pw\\r\""},
});
// clang-format on

}  // namespace phrase_table

}  // namespace

std::span<const PhraseRule> phrase_rules() {
  return phrase_table::kPhraseRules;
}

}  // namespace runledger
