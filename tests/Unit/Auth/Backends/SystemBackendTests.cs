using FullStack.Auth.Backends;
using FullStack.Harness;

namespace FullStack.Unit.Auth.Backends;

public sealed class SystemBackendTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_of_the_system_is_found()
    {
        DirectoryUser user = (await Open("0").FindUserAsync("daemon@example.test", Token))!;
        Assert.Equal(("daemon@example.test", "/usr/sbin", 1u, 1u), (user.Address, user.Home, user.UserId, user.GroupId));
        Assert.Null(await Open("0").FindUserAsync("nobody-has-this-name@example.test", Token));
        Assert.Null(await Open("500").FindUserAsync("daemon@example.test", Token));
    }

    [Theory]
    [InlineData("auth required pam_permit.so\naccount required pam_permit.so", true)]
    [InlineData("auth required pam_deny.so\naccount required pam_permit.so", false)]
    [InlineData("auth required pam_permit.so\naccount required pam_deny.so", false)]
    public async Task Modules_say_whether_a_password_is_right(string lines, bool expected)
    {
        Write(lines);
        Assert.Equal(expected, await Open("0").CheckPasswordAsync("daemon@example.test", "x", Token));
    }

    [Fact]
    public async Task A_service_that_is_not_set_up_is_no_wrong_password()
    {
        Write("auth required pam_that_is_missing.so");
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await Open("0").CheckPasswordAsync("daemon@example.test", "x", Token));
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string lines) => File.WriteAllText(_folder.File("mail"), lines + "\n");

    private IAccountBackend Open(string firstUser)
    {
        Dictionary<string, string> values = new() { ["service"] = "mail", ["service_folder"] = _folder.File("."), ["first_uid"] = firstUser };
        Assert.True(DirectoryKinds.TryCreate(new("test", "system", new() { Domains = ["example.test"] }, values), out BackendEntry? entry, out string? trouble), trouble);
        return entry.Backend;
    }
}
