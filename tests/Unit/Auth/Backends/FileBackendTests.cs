using FullStack.Auth.Backends;
using FullStack.Auth.Backends.Files;
using FullStack.Auth.Passwords;
using FullStack.Harness;

namespace FullStack.Unit.Auth.Backends;

public sealed class FileBackendTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => _folder.File("users");

    [Fact]
    public async Task A_passwd_line_has_all_fields()
    {
        Write(
            "# who",
            "bob@example.test:{PLAIN}secret:1001:1002:Bob Builder:/home/bob:/bin/sh:userdb_quota_rule=*:storage=10M userdb_mail=maildir:~/Maildir",
            "ann:$6$x$y::::::",
            "",
            "carl@example.test");
        IAccountBackend backend = Open("passwd");
        DirectoryUser bob = (await backend.FindUserAsync("bob@example.test", Token))!;
        Assert.Equal((1001u, 1002u, "/home/bob", 10L << 20), (bob.UserId, bob.GroupId, bob.Home, bob.Quota.Octets));
        Assert.Equal("maildir:~/Maildir", bob.Mail);
        Assert.Equal("{PLAIN}secret", (await backend.FindCredentialAsync("bob@example.test", Token))?.Stored);
        Assert.Equal("$6$x$y", (await backend.FindCredentialAsync("ann@example.test", Token))?.Stored);
        Assert.NotNull(await backend.FindUserAsync("carl@example.test", Token));
        Assert.Null(await backend.FindCredentialAsync("carl@example.test", Token)); // another directory may have the password
        Assert.Null(await backend.FindUserAsync("dora@example.test", Token));
        Assert.Equal(["", "{PLAIN}"], backend.Schemes.Order());
    }

    [Fact]
    public async Task A_userdb_line_has_all_fields()
    {
        Write("bob\tuid=1001|gid=1002|home=/home/bob|mail=Maildir|systempw=$1$a$b|imappw={PLAIN}secret|quota=1000S,5C", "# ann\thome=/", "no tab");
        IAccountBackend backend = Open("userdb");
        DirectoryUser bob = (await backend.FindUserAsync("bob@example.test", Token))!;
        Assert.Equal((1001u, 1002u, "/home/bob", "Maildir"), (bob.UserId, bob.GroupId, bob.Home, bob.Mail));
        Assert.Equal((1000L, 5L), (bob.Quota.Octets, bob.Quota.Messages));
        Assert.Equal("{PLAIN}secret", (await backend.FindCredentialAsync("bob@example.test", Token))?.Stored);
        Assert.Null(await backend.FindUserAsync("ann@example.test", Token));
    }

    [Fact]
    public async Task A_change_counts_at_once_and_a_missing_file_is_no_empty_one()
    {
        Write("bob:{PLAIN}old");
        IAccountBackend backend = Open("passwd");
        Assert.Equal("{PLAIN}old", (await backend.FindCredentialAsync("bob@example.test", Token))?.Stored);
        Write("bob:{PLAIN}another");
        Assert.Equal("{PLAIN}another", (await backend.FindCredentialAsync("bob@example.test", Token))?.Stored);
        System.IO.File.Delete(File);
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await backend.FindUserAsync("bob@example.test", Token));
    }

    [Fact]
    public async Task A_folder_of_files_is_one_directory()
    {
        Directory.CreateDirectory(File);
        System.IO.File.WriteAllText(Path.Combine(File, "one"), "ann\thome=/a\n");
        System.IO.File.WriteAllText(Path.Combine(File, "two"), "bob\thome=/b\n");
        System.IO.File.WriteAllText(Path.Combine(File, ".two.swp"), "carl\thome=/c\n");
        IAccountBackend backend = Open("userdb");
        Assert.Equal("/b", (await backend.FindUserAsync("bob@example.test", Token))?.Home);
        Assert.Null(await backend.FindUserAsync("carl@example.test", Token));
    }

    [Fact]
    public async Task Names_without_domain_count_only_for_named_domains()
    {
        Write("bob:{PLAIN}x");
        Assert.Null(await Open("passwd", []).FindUserAsync("bob@example.test", Token));
        Assert.NotNull(await Open("passwd", ["example.test"]).FindUserAsync("bob@example.test", Token));
    }

    [Theory]
    [InlineData("{PLAIN}secret")]
    [InlineData("{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=")]
    [InlineData("$1$saltsalt$9xy1btjgzLYfb7hivXtC//")]
    public async Task Passwords_have_the_forms_of_our_own(string stored)
    {
        Write($"bob:{stored}");
        AccountCredential? found = await Open("passwd").FindCredentialAsync("bob@example.test", Token);
        Assert.True(PasswordHash.Verify(found!.Stored!, "secret"));
        Assert.False(PasswordHash.Verify(found.Stored!, "Secret"));
    }

    public void Dispose() => _folder.Dispose();

    private void Write(params string[] lines) => System.IO.File.WriteAllLines(File, lines);

    private IAccountBackend Open(string kind, string[]? domains = null)
    {
        DirectoryDescription description = new("test", kind, new() { Domains = domains ?? ["example.test"] }, new Dictionary<string, string> { ["file"] = File });
        Assert.True(DirectoryKinds.TryCreate(description, out BackendEntry? entry, out string? trouble), trouble);
        return entry.Backend;
    }
}
