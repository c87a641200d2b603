using System.Net;
using FullStack.Auth.Backends;
using FullStack.Auth.Sasl;
using FullStack.Harness;

namespace FullStack.Unit.Auth.Backends;

public sealed class CheckpasswordBackendTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static LoginContext Context => new(IPAddress.Parse("192.0.2.1"), LoginService.Imap);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_program_says_whether_a_password_is_right()
    {
        IAccountBackend backend = Open(lookups: false, """
            IFS= read -r -d '' user <&3; IFS= read -r -d '' password <&3
            [ "$user" = tmp@example.test ] && exit 111
            [ "$user" = bob@example.test ] && [ "$password" = "pass word" ] || exit 1
            exec "$@"
            """);
        Assert.Equal(new AccountCredential(), await backend.FindCredentialAsync("bob@example.test", Token));
        Assert.Null(await backend.FindUserAsync("bob@example.test", Token));
        Assert.Equal(PasswordAnswer.Right, await backend.CheckPasswordAsync("bob@example.test", "pass word", Context, Token));
        Assert.Equal(PasswordAnswer.Wrong, await backend.CheckPasswordAsync("bob@example.test", "password", Context, Token));
        Assert.Equal(PasswordAnswer.Wrong, await backend.CheckPasswordAsync("ann@example.test", "pass word", Context, Token));
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await backend.CheckPasswordAsync("tmp@example.test", "x", Context, Token));
    }

    [Fact]
    public async Task The_program_looks_accounts_up_as_Dovecots_do()
    {
        IAccountBackend backend = Open(lookups: true, """
            IFS= read -r -d '' user <&3; IFS= read -r -d '' password <&3
            [ "$AUTH_USERNAME@$AUTH_DOMAIN" = bob@example.test ] || exit 3
            if [ "$AUTHORIZED" = 1 ]; then export AUTHORIZED=2; elif [ "$password" != secret ]; then exit 1; fi
            export HOME=/home/bob userdb_uid=5000 quota_bytes=1000 other=1 EXTRA="userdb_uid quota_bytes"
            exec "$@"
            """);
        DirectoryUser bob = (await backend.FindUserAsync("bob@example.test", Token))!;
        Assert.Equal(("/home/bob", 5000u, 1000L), (bob.Home, bob.UserId, bob.Quota.Octets));
        Assert.Equal(bob.Home, (await backend.FindCredentialAsync("bob@example.test", Token))!.User!.Home);
        Assert.Equal(PasswordAnswer.Right, await backend.CheckPasswordAsync("bob@example.test", "secret", Context, Token));
        Assert.Equal(PasswordAnswer.Wrong, await backend.CheckPasswordAsync("bob@example.test", "wrong", Context, Token));
        Assert.Null(await backend.FindCredentialAsync("ann@example.test", Token));
    }

    [Fact]
    public async Task The_program_is_told_where_the_client_is_and_what_it_logs_in_to()
    {
        IAccountBackend backend = Open(lookups: false, "[ \"$SERVICE from $TCPREMOTEIP\" = \"imap from 192.0.2.1\" ] || exit 1; exec \"$@\"");
        Assert.Equal(PasswordAnswer.Right, await backend.CheckPasswordAsync("bob@example.test", "x", Context, Token));
        Assert.Equal(PasswordAnswer.Right, await backend.CheckPasswordAsync("bob@example.test", "x", Context with { Peer = IPAddress.Parse("::ffff:192.0.2.1") }, Token));
        Assert.Equal(PasswordAnswer.Wrong, await backend.CheckPasswordAsync("bob@example.test", "x", Context with { Service = LoginService.Pop3 }, Token));
    }

    [Theory]
    [InlineData("exit 0")] // it never ran what stands for "yes"
    [InlineData("exit 70")]
    [InlineData("kill -9 $$")]
    [InlineData("exec yes")]
    public async Task Anything_else_is_no_answer(string program)
    {
        IAccountBackend backend = Open(lookups: false, program);
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await backend.CheckPasswordAsync("bob@example.test", "x", Context, Token));
    }

    [Fact]
    public async Task A_program_that_hangs_is_ended()
    {
        IAccountBackend backend = Open(lookups: false, $"echo $$ > {_folder.File("pid")}; exec sleep 600");
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<PasswordAnswer> check = backend.CheckPasswordAsync("bob@example.test", "x", Context, stop.Token).AsTask();
        string? pid = null;
        while (pid is not { Length: > 0 })
        {
            await Task.Delay(10, Token);
            pid = File.Exists(_folder.File("pid")) ? File.ReadAllText(_folder.File("pid")).Trim() : null;
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check);
        while (Directory.Exists($"/proc/{pid}"))
            await Task.Delay(10, Token);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_no_answer()
    {
        Dictionary<string, string> values = new() { ["program"] = _folder.File("missing"), ["lookups"] = "false" };
        Assert.True(DirectoryKinds.TryCreate(new("test", "checkpassword", new(), values), out BackendEntry? entry, out _));
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await entry.Backend.CheckPasswordAsync("bob@example.test", "x", Context, Token));
    }

    public void Dispose() => _folder.Dispose();

    private IAccountBackend Open(bool lookups, string script)
    {
        string program = _folder.File("check");
        ProgramFile.Write(program, "#!/bin/bash\n" + script + "\n");
        Dictionary<string, string> values = new() { ["program"] = program, ["lookups"] = lookups ? "true" : "false" };
        Assert.True(DirectoryKinds.TryCreate(new("test", "checkpassword", new(), values), out BackendEntry? entry, out string? trouble), trouble);
        return entry.Backend;
    }
}
