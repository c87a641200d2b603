using System.Net;
using FullStack.Auth.Backends;
using FullStack.Auth.Sasl;
using FullStack.Harness;

namespace FullStack.Unit.Auth.Backends;

public sealed class SystemBackendTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static LoginContext Context => new(IPAddress.Parse("192.0.2.1"), LoginService.Imap);

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
    [InlineData("auth required pam_permit.so\naccount required pam_permit.so", PasswordAnswer.Right)]
    [InlineData("auth required pam_deny.so\naccount required pam_permit.so", PasswordAnswer.Wrong)]
    [InlineData("auth required pam_permit.so\naccount required pam_deny.so", PasswordAnswer.Wrong)]
    [InlineData("auth required pam_permit.so\naccount required pam_debug.so acct=acct_expired", PasswordAnswer.Expired)]
    [InlineData("auth required pam_permit.so\naccount required pam_debug.so acct=new_authtok_reqd", PasswordAnswer.Expired)]
    [InlineData("auth required pam_debug.so auth=acct_expired\naccount required pam_permit.so", PasswordAnswer.Wrong)]
    public async Task Modules_say_whether_a_password_is_right(string lines, PasswordAnswer expected)
    {
        Write(lines);
        Assert.Equal(expected, await Open("0").CheckPasswordAsync("daemon@example.test", "x", Context, Token));
    }

    [Fact]
    public async Task Modules_are_told_where_the_client_is()
    {
        string rules = _folder.File("access");
        File.WriteAllText(rules, "+:ALL:192.0.2.1\n-:ALL:ALL\n");
        Write($"auth required pam_permit.so\naccount required pam_access.so accessfile={rules}");
        Assert.Equal(PasswordAnswer.Right, await Open("0").CheckPasswordAsync("daemon@example.test", "x", Context, Token));
        Assert.Equal(PasswordAnswer.Wrong, await Open("0").CheckPasswordAsync("daemon@example.test", "x", Context with { Peer = IPAddress.Parse("192.0.2.2") }, Token));
    }

    [Fact]
    public async Task A_service_that_is_not_set_up_is_no_wrong_password()
    {
        Write("auth required pam_that_is_missing.so");
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await Open("0").CheckPasswordAsync("daemon@example.test", "x", Context, Token));
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
