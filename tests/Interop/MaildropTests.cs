using System.Globalization;
using System.Net;

namespace FullStack.Interop;

/// <summary>maildrop's deliverquota and this server deliver into one Maildir, and each counts what the other did.</summary>
public sealed class MaildropTests(InteropServer server) : IClassFixture<InteropServer>
{
    private const string Deliver = "deliverquota.maildrop";

    [Fact]
    public async Task Both_keep_one_quota()
    {
        ExternalProgram.Require(Deliver);
        ExternalProgram home = server.NewHome();
        string user = server.NewUser(messages: 3), maildir = server.MaildirOf(user);
        await server.DeliverAsync(user, "Subject: ours\n\nHello.\n");
        await NotedAsync(maildir, 1);
        Assert.StartsWith("3C\n", File.ReadAllText(Path.Combine(maildir, "maildirsize")), StringComparison.Ordinal);

        // Its quota is in our file; its line goes below ours.
        (await home.RunAsync(Deliver, [maildir], "Subject: theirs\n\nHello, hello.\n")).ShouldSucceed();
        await NotedAsync(maildir, 2);
        await server.DeliverAsync(user, "Subject: ours\n\nHello.\n");
        Assert.Equal(3, server.StoredFiles(user).Count);
        await NotedAsync(maildir, 3);

        ProgramResult refused = await home.RunAsync(Deliver, [maildir], "Subject: theirs\n\nHello, hello.\n");
        Assert.Equal(77, refused.ExitCode);
        await Assert.ThrowsAnyAsync<Exception>(() => server.DeliverAsync(user, "Subject: ours\n\nHello.\n"));
        Assert.Equal(3, server.StoredFiles(user).Count);

        // Room that is made behind everybody's back is found by both.
        File.Delete(server.StoredFiles(user)[0]);
        await server.DeliverAsync(user, "Subject: ours\n\nHello.\n");
        Assert.Equal(3, server.StoredFiles(user).Count);
        await NotedAsync(maildir, 3);
        Assert.Equal(77, (await home.RunAsync(Deliver, [maildir], "Subject: theirs\n\nHello, hello.\n")).ExitCode);
    }

    [Fact]
    public async Task A_file_that_was_there_first_is_kept_up_to_date()
    {
        ExternalProgram.Require(Deliver, "maildirmake.maildrop");
        ExternalProgram home = server.NewHome();
        string user = server.NewUser(), maildir = server.MaildirOf(user);
        Directory.CreateDirectory(Path.GetDirectoryName(maildir)!);
        (await home.RunAsync("maildirmake.maildrop", maildir)).ShouldSucceed();
        await home.RunAsync(Deliver, [maildir], "Subject: theirs\n\nHello.\n");
        (await home.RunAsync("maildirmake.maildrop", "-q", "100000S,2C", maildir)).ShouldSucceed();
        await server.DeliverAsync(user, "Subject: ours\n\nHello.\n");
        await NotedAsync(maildir, 2);
        Assert.Equal(77, (await home.RunAsync(Deliver, [maildir], "Subject: theirs\n\nHello.\n")).ExitCode);
    }

    /// <summary>Waits until the file says so many messages, and the octets that the files have.</summary>
    private static async Task NotedAsync(string maildir, int messages)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        long octets = Directory.GetFiles(Path.Combine(maildir, "new")).Sum(static f => new FileInfo(f).Length);
        while (Sum(maildir) != (octets, messages))
            await Task.Delay(20, limit.Token);
    }

    private static (long Octets, int Messages) Sum(string maildir)
    {
        string file = Path.Combine(maildir, "maildirsize");
        string[] lines = File.Exists(file) ? File.ReadAllLines(file) : [""];
        string[][] changes = [.. lines.Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        return (changes.Sum(static c => long.Parse(c[0], CultureInfo.InvariantCulture)), changes.Sum(static c => int.Parse(c[1], CultureInfo.InvariantCulture)));
    }
}
