using FullStack.Harness;

namespace FullStack.Interop.Directories;

/// <summary>Accounts in OpenLDAP's slapd.</summary>
public sealed class LdapTests : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private readonly int _port = FreePorts.Next();
    private readonly ExternalProgram _programs;
    private PrivateProcess? _slapd;

    public LdapTests() => _programs = new(_folder.FullPath);

    [Fact]
    public async Task Passwords_are_checked_by_a_bind_and_names_stay_names()
    {
        Require();
        await using DirectoryLogins server = await DirectoryLogins.StartAsync(Directory("start_tls: true, certificate_folder: " + _folder.File("ca")));
        await server.MustLogInAsync("dora@ldap.test", "dora's");
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("dora@ldap.test", "wrong"));
        await server.MustLogInAsync("dora@ldap.test", "dora's");
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("nobody@ldap.test", "dora's"));
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("*@ldap.test", "dora's"));
        Assert.Equal("250 2.1.5", await server.OfferAsync("dora@ldap.test"));
        Assert.Equal("250 2.1.5", await server.OfferAsync("sales@ldap.test"));
        Assert.Equal("550 5.1.1", await server.OfferAsync("nobody@ldap.test"));
        Assert.Equal("550 5.7.1", await server.OfferAsync("dora@elsewhere.test"));
    }

    [Fact]
    public async Task A_changed_password_counts_at_once()
    {
        Require();
        await using DirectoryLogins server = await DirectoryLogins.StartAsync(Directory());
        await server.MustLogInAsync("emil@ldap.test", "emil's");
        await server.MustLogInAsync("emil@ldap.test", "emil's");
        string change = "dn: uid=emil,dc=ldap,dc=test\nchangetype: modify\nreplace: userPassword\nuserPassword: new\n";
        (await _programs.RunAsync("ldapmodify", ["-x", "-H", Url, "-D", "cn=admin,dc=ldap,dc=test", "-w", "admin"], change)).ShouldSucceed();
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("emil@ldap.test", "emil's"));
        await server.MustLogInAsync("emil@ldap.test", "new");
    }

    [Fact]
    public async Task Stored_forms_are_read_from_an_attribute()
    {
        Require();
        await using DirectoryLogins server = await DirectoryLogins.StartAsync(Directory("binds: false"));
        await server.MustLogInAsync("dora@ldap.test", "dora's");
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("dora@ldap.test", "wrong"));
    }

    [Fact]
    public async Task A_server_that_hangs_or_is_gone_is_no_wrong_password()
    {
        Require();
        await using DirectoryLogins server = await DirectoryLogins.StartAsync(Directory("timeout: 3s"));
        await BackAsync(server); // the first login of a process may take longer than a hanging directory is waited for
        _slapd!.Halt();
        Assert.Equal("UNAVAILABLE", await server.LogInAsync("dora@ldap.test", "dora's"));
        Assert.StartsWith("451 4.", await server.OfferAsync("frida@ldap.test"), StringComparison.Ordinal);
        await server.MustLogInAsync(InteropServer.Alice, InteropServer.PasswordOf(InteropServer.Alice));
        _slapd.GoOn();
        await BackAsync(server);
        await _slapd.DisposeAsync();
        Assert.Equal("UNAVAILABLE", await server.LogInAsync("dora@ldap.test", "dora's"));
        await StartAsync();
        await BackAsync(server);
    }

    [Fact]
    public async Task Mail_lies_in_the_home_that_an_entry_names_and_waits_while_nobody_can_name_it()
    {
        Require();
        foreach (string user in (string[])["dora", "emil"])
            System.IO.Directory.CreateDirectory(Path.Combine(Homes, user));
        await using DirectoryLogins server = await DirectoryLogins.StartAsync(Directory("timeout: 3s"), Homes);
        await BackAsync(server);
        Assert.Equal("250", await server.DeliverAsync("dora@ldap.test", "first"));
        Assert.Single(System.IO.Directory.GetFiles(Path.Combine(Homes, "dora", "Maildir", "new")));
        await _slapd!.DisposeAsync();
        Assert.Equal("451", await server.DeliverAsync("emil@ldap.test", "second"));
        Assert.False(System.IO.Directory.Exists(Path.Combine(server.Data, "mail", "ldap.test", "emil")));
        await StartAsync();
        await BackAsync(server);
        Assert.Equal("250", await server.DeliverAsync("emil@ldap.test", "second"));
        Assert.Equal(["second"], await server.SubjectsByImapAsync("emil@ldap.test", "emil's"));
        Assert.Equal(["first"], await server.SubjectsByPop3Async("dora@ldap.test", "dora's"));
    }

    private string Homes => _folder.File("homes");

    public async ValueTask InitializeAsync()
    {
        if (ExternalProgram.Find("slapd") is null)
            return; // each test says so
        _programs.Write("slapd.conf", $"""
            include /etc/ldap/schema/core.schema
            include /etc/ldap/schema/cosine.schema
            include /etc/ldap/schema/inetorgperson.schema
            modulepath /usr/lib/ldap
            moduleload back_mdb
            pidfile {_folder.File("slapd.pid")}
            TLSCertificateFile {_folder.File("cert.pem")}
            TLSCertificateKeyFile {_folder.File("key.pem")}
            database mdb
            maxsize 10485760
            suffix "dc=ldap,dc=test"
            rootdn "cn=admin,dc=ldap,dc=test"
            rootpw admin
            directory {_folder.FullPath}
            lastmod on

            """);
        (await _programs.RunAsync(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
            "-keyout", "key.pem", "-out", "cert.pem")).ShouldSucceed();
        System.IO.Directory.CreateDirectory(_folder.File("ca"));
        File.Copy(_folder.File("cert.pem"), _folder.File("ca/cert.pem"));
        (await _programs.RunAsync("openssl", "rehash", _folder.File("ca"))).ShouldSucceed();
        string entries = "dn: dc=ldap,dc=test\nobjectClass: domain\ndc: ldap\n";
        foreach (string name in (string[])["dora", "emil"])
        {
            entries += $"\ndn: uid={name},dc=ldap,dc=test\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: {name}\n"
                + $"mail: {name}@ldap.test\nuserPassword: {name}'s\ndescription: 5000\nstreet: {Homes}/{name}\n";
        }

        entries += "\ndn: uid=sales,dc=ldap,dc=test\nobjectClass: inetOrgPerson\nuid: sales\ncn: list\nsn: sales\nphysicalDeliveryOfficeName: sales@ldap.test\n"
            + "description: dora@ldap.test\ndescription: emil@ldap.test\n";
        _programs.Write("entries.ldif", entries);
        (await _programs.RunAsync("slapadd", "-f", _folder.File("slapd.conf"), "-l", _folder.File("entries.ldif"))).ShouldSucceed();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_slapd is not null)
            await _slapd.DisposeAsync();
        _folder.Dispose();
    }

    private static void Require() => ExternalProgram.Require("slapd", "ldapmodify", "openssl");

    private string Url => $"ldap://127.0.0.1:{_port}";

    private async Task StartAsync() => _slapd = await PrivateProcess.StartAsync(_port, ExternalProgram.Find("slapd")!, "-d", "0", "-h", Url, "-f", _folder.File("slapd.conf"));

    /// <summary>Waits until a directory that was let alone is asked again.</summary>
    private static async Task BackAsync(DirectoryLogins server)
    {
        for (int i = 0; i < 300 && await server.LogInAsync("dora@ldap.test", "dora's") != "OK"; i++)
            await Task.Delay(100);
        await server.MustLogInAsync("dora@ldap.test", "dora's");
    }

    /// <summary>The first of its servers is one that is not there.</summary>
    private string Directory(string more = "binds: true")
    {
        string secret = _programs.Write("secret", "admin\n");
        return $"{{ name: staff, type: ldap, domains: [ldap.test], servers: \"ldap://127.0.0.1:1 {Url}\", base: \"dc=ldap,dc=test\", bind_dn: \"cn=admin,dc=ldap,dc=test\", "
            + $"password_file: {secret}, user_filter: \"(&(objectClass=inetOrgPerson)(mail=%u))\", attributes: \"userPassword=password, description=uid, street=home\", scheme: PLAIN, "
            + $"alias_filter: \"(physicalDeliveryOfficeName=%u)\", alias_attribute: description, {more} }}";
    }
}
