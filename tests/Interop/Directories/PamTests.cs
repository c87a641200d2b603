using FullStack.Harness;

namespace FullStack.Interop.Directories;

/// <summary>The system's users, their passwords checked by Debian's pam_userdb.</summary>
public sealed class PamTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public async Task Users_of_the_system_log_in()
    {
        ExternalProgram.Require("python3");
        ExternalProgram programs = new(_folder.FullPath);
        string users = _folder.File("users");
        (await programs.RunAsync("python3", "-c", $"import dbm.ndbm; d = dbm.ndbm.open('{users}', 'c'); d['games'] = 'secret'; d.close()")).ShouldSucceed();
        programs.Write("pam/fullstack", $"auth required pam_userdb.so db={users} crypt=none\naccount required pam_permit.so\n");
        await using DirectoryLogins server = await DirectoryLogins.StartAsync(
            $"{{ type: system, domains: [unix.test], first_uid: 1, service_folder: {_folder.File("pam")} }}");
        await server.MustLogInAsync("games@unix.test", "secret");
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("games@unix.test", "wrong"));
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("daemon@unix.test", "secret")); // one that the module does not know
        Assert.Equal("AUTHENTICATIONFAILED", await server.LogInAsync("root@unix.test", "secret"));
        Assert.Equal("250 2.1.5", await server.OfferAsync("daemon@unix.test"));
        Assert.Equal("550 5.1.1", await server.OfferAsync("nobody-has-this-name@unix.test"));
        File.Delete(users + ".db");
        Assert.Equal("UNAVAILABLE", await server.LogInAsync("games@unix.test", "secret"));
    }

    public void Dispose() => _folder.Dispose();
}
