// The commands, grouped by what they work on.
#include "ledger/secrets/command_rules.h"

#include <array>

namespace runledger {

namespace {

namespace command_table {

using enum ArgumentForm;

// The formatter would put every string on a line of its own.
// clang-format off
constexpr std::array kCommandRules = std::to_array<CommandRule>({
    // Databases and queues.
    {"mysql mysqldump mysqladmin mysqlimport mysqlcheck mariadb mariadb-dump", "", "-p", kAttached,
     "mysql -u root -p«=hunter2xyz» app", "mysql -u root -p app"},
    {"mongo mongosh mongodump mongorestore mongoexport mongoimport", "", "-p", kEither,
     "mongodump -u bob -p «a12» --out x", "mongodump -p --out x"},
    {"redis-cli", "", "-a", kSeparate, "redis-cli -h c -a «a16» ping", "redis-cli -h c -a"},
    {"sqlcmd bcp isql osql", "", "-P", kEither, "sqlcmd -S h -U sa -P «P»", "sqlcmd -S h -E -P"},
    {"cqlsh clickhouse-client", "", "-p", kSeparate, "cqlsh h -u bob -p «a12»", "cqlsh h -p $PASS"},
    {"mosquitto_pub mosquitto_sub", "", "-P", kSeparate, "mosquitto_pub -u bob -P «a12»", "mosquitto_pub -p 1883"},
    {"rabbitmqadmin cypher-shell", "", "-p", kSeparate, "rabbitmqadmin -u bob -p «=Bog.Fowl» list",
     "rabbitmqadmin -p $PW"},
    {"etcdctl", "", "--user", kAfterUser, "etcdctl --user root:«=Ivy.Root» get /", "etcdctl --user root get /"},
    {"beeline sqlline snowsql exaplus trino rpk", "", "-p", kSeparate, "beeline -n bob -p «a12» -e x",
     "beeline -n bob -p $PW"},
    {"vsql", "", "-w", kSeparate, "vsql -U bob -w «=Bog.Fowl»", "vsql -U bob -w $PW"},
    {"nzsql", "", "-pw", kSeparate, "nzsql -u bob -pw «=Bog.Fowl»", "nzsql -u bob -pw $PW"},
    // Remote shells and desktops.
    {"sshpass", "", "-p", kEither, "sshpass -p «a12» ssh h", "sshpass -p \"$PASS\" ssh h"},
    {"pscp psftp plink putty", "", "-pw", kSeparate, "pscp -pw «a12» f h:", "pscp -pw $PASS f h:"},
    {"rdesktop psexec psexec64", "", "-p", kSeparate, "psexec -u bob -p «a12» cmd", "rdesktop -p - h"},
    {"ipmitool", "", "-P", kSeparate, "ipmitool -U bob -P «a12» sel", "ipmitool -U bob -P $PASS"},
    {"xfreerdp xfreerdp3 wfreerdp sdl-freerdp", "", "/p:", kAttached, "xfreerdp /v:h /p:«=Pike.Perch»",
     "xfreerdp /v:h /u:b"},
    {"schtasks", "", "/rp", kSeparate, "schtasks /create /ru bob /rp «=Maple.Hill»", "schtasks /create /rp *"},
    {"schtasks", "", "/p", kSeparate, "schtasks /s h /u bob /p «=Maple.Hill»", "schtasks /s h /p"},
    {"signtool", "sign", "/p", kSeparate, "signtool sign /f c.pfx /p «=Maple.Hill»", "signtool sign /f c.pfx /p"},
    {"cmdkey", "", "/pass:", kAttached, "cmdkey /add:h /user:bob /pass:«=Maple.Hill»",
     "cmdkey /add:h /user:bob /pass:$p"},
    {"osql sqlcmd bcp", "", "/P", kSeparate, "osql /U sa /P «=Maple.Hill»", "osql /U sa /P"},
    {"crackmapexec nxc smbmap evil-winrm wmiexec.py", "", "-p", kSeparate, "nxc smb h -u bob -p «=Maple.Hill»",
     "nxc smb h -u bob -p $PW"},
    // Directories, networks and shares.
    {"ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldappasswd", "", "-w", kSeparate,
     "ldapsearch -D cn=a -w «a12» -b dc=x", "ldapsearch -D cn=a -W -b dc=x"},
    {"ldappasswd", "", "-s", kSeparate, "ldappasswd -s «a12» cn=a", "ldapsearch -s base"},
    {"snmpget snmpwalk snmpset snmptrap snmpbulkwalk", "", "-c", kSeparate,
     "snmpget -v2c -c «a10» h", "snmpget -v2c h"},
    {"snmpget snmpwalk snmpset snmptrap snmpbulkwalk", "", "-A", kSeparate,
     "snmpget -u b -A «a10» h", "snmpget -u b h"},
    {"snmpget snmpwalk snmpset snmptrap snmpbulkwalk", "", "-X", kSeparate,
     "snmpget -u b -X «a10» h", "snmpget -u b h"},
    {"smbclient rpcclient smbget winexe net", "", "-U", kAfterUser, "smbclient //s/x -U bob%«a10»", "smbclient -U bob"},
    // The web.
    {"curl wget http https xh", "", "-u", kAfterUser, "curl -u bob:«=correcthorse» x", "curl -u bob:$PASS x"},
    {"curl wget http https xh", "", "--user", kAfterUser, "curl --user bob:«=correcthorse» x",
     "curl --user bob:$PASS x"},
    {"curl", "", "--proxy-user", kAfterUser, "curl --proxy-user=bob:«=correcthorse» x", "curl --proxy-user bob x"},
    {"lftp", "", "-u", kAfterComma, "lftp -u bob,«=Willow_Basket» h", "lftp -u bob h"},
    {"ncftpput ncftpget ncftp", "", "-p", kSeparate, "ncftpput -u bob -p «=Willow_Basket» h", "ncftpput -u bob h"},
    {"ab siege", "", "-A", kAfterUser, "ab -A bob:«=correcthorse» x", "ab -A bob:$PASS x"},
    {"http https xh", "", "-a", kAfterUser, "http -a bob:«=correcthorse» x", "http -a bob:$PASS x"},
    {"curl", "", "-U", kAfterUser, "curl -x p -U bob:«=correcthorse» x", "curl -U bob x"},
    {"htpasswd", "", "-b", kPositional, "htpasswd -b users bob «a12»", "htpasswd -c users bob"},
    {"mosquitto_passwd", "", "-b", kPositional, "mosquitto_passwd -b users bob «a12»", "mosquitto_passwd -c users bob"},
    // Containers and clouds.
    {"docker podman nerdctl buildah helm oras crane skopeo", "login", "-p", kSeparate,
     "docker login -u bob -p «a16» r.example.com", "docker run -p 8080:80 nginx"},
    {"cf oc ibmcloud", "login", "-p", kSeparate, "cf login -u bob -p «a16»", "cf push -p app.jar"},
    {"conan", "", "-p", kSeparate, "conan user -p «a16» -r x bob", "conan user -p $PW bob"},
    {"az", "login", "-p", kSeparate, "az login -u bob -p «a16»", "az vm list -p 4"},
    // Archives and keys.
    {"7z 7za 7zz rar unrar", "", "-p", kAttached, "7z x -p«=hunter2xyz» a.7z", "7z x -p a.7z"},
    {"zip unzip", "", "-P", kEither, "zip -P «a12» a.zip f", "unzip -P $PASS a.zip"},
    {"openssl", "enc", "-k", kSeparate, "openssl enc -aes256 -k «a12» -in f", "openssl enc -aes256 -in f"},
    {"ssh-keygen", "", "-N", kSeparate, "ssh-keygen -t ed25519 -N «=Rope_Walk» -f k",
     "ssh-keygen -t ed25519 -N '' -f k"},
    {"ssh-keygen", "", "-P", kSeparate, "ssh-keygen -y -P «=Rope_Walk» -f k", "ssh-keygen -y -P '' -f k"},
    {"certutil", "", "-p", kSeparate, "certutil -p «=Rope_Walk» -importpfx a.pfx", "certutil -p $PW -importpfx a.pfx"},
    {"useradd usermod", "", "-p", kSeparate, "useradd -p «P» bob", "useradd -m bob"},
});
// clang-format on

}  // namespace command_table

}  // namespace

std::span<const CommandRule> command_rules() {
  return command_table::kCommandRules;
}

}  // namespace runledger
