using System.Collections.Concurrent;
using System.Text;
using FullStack.Harness;
using FullStack.Queue.Routing;
using FullStack.Server.Drop;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Store.Spool;
using FullStack.Unit.Queue;
using FullStack.Unit.Store;
using FullStack.Unit.Store.Faults;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Server;

/// <summary>
/// Cuts the power at every effect on the disk from a message that lies dropped until its last row and its file are gone. A server starts on what is left, takes up what
/// is still there, and everybody has got the message, or is told of it, once.
/// </summary>
public sealed class DropPowerCutTests
{
    private const int Seed = 20261122;

    /// <summary>Disks of one kind that are tried at most, chosen at random where there are more.</summary>
    private const int MostDisks = 120;

    private const string Name = "0123456789abcdef0123456789abcdef";

    /// <summary>A message with what it should come to.</summary>
    private sealed record Kind(string Sender, string[] Recipients, int Remote, int Bob, int Notices);

    private static readonly Dictionary<string, Kind> s_kinds = new()
    {
        ["for here"] = new("alice", ["bob@example.test"], Remote: 0, Bob: 1, Notices: 0),
        ["for another host"] = new("alice", ["joe@example.net"], Remote: 1, Bob: 0, Notices: 0),
        ["for here and another host"] = new("alice", ["bob@example.test", "joe@example.net"], Remote: 1, Bob: 1, Notices: 0),
        ["for nobody"] = new("alice", ["nobody@example.test"], Remote: 0, Bob: 0, Notices: 1),
        ["refused as such"] = new(RoutePolicy.Refused, ["bob@example.test"], Remote: 0, Bob: 0, Notices: 1),
    };

    public static TheoryData<string, bool> Kinds => [.. s_kinds.Keys.SelectMany(static name => (bool[])[false, true], static (name, isLate) => (name, isLate))];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <param name="name">Which message.</param>
    /// <param name="isLate">The file is removed only when nothing of the message is left to be done.</param>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_dropped_message_is_taken_once(string name, bool isLate)
    {
        Kind kind = s_kinds[name];
        Store.Faults.Journal journal = new();
        string root = World.NewRoot();
        JournalFiles files = new(new PosixFiles(SyncMode.None), root, journal);
        ConcurrentQueue<(int At, QueueId Id)> handed = new();
        await using QueueRig rig = new(files: files, root: root);
        rig.Client.Asked = message => handed.Enqueue((journal.Count, message.Id));
        if (isLate)
            files.BeforeUnlink = path => RestBefore(rig, path);
        rig.Queue.Written = new DatabaseFollower(journal, root, rig.Folder).Note;
        await rig.StartAsync();
        Drop(files, root, kind);
        int begun = journal.Count;
        await TakeAsync(rig, root, files);
        await rig.RestAsync();
        int end = journal.Count;
        Assert.Equal(kind.Remote, handed.Count);

        IReadOnlyList<QueueCut> cuts = QueueCut.Of(journal, begun, end, Seed);
        QueueCut[] chosen = cuts.Count <= MostDisks ? [.. cuts] : [.. new Random(Seed).GetItems(cuts.ToArray(), MostDisks), cuts[0]];
        TestContext.Current.TestOutputHelper?.WriteLine($"{end - begun} effects, {cuts.Count} disks, seed {Seed}");
        Assert.True(cuts.Count > 10, $"only {cuts.Count} disks: the test tests nothing");
        await Parallel.ForEachAsync(chosen, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Ct }, async (cut, _) =>
            await CheckAsync(kind, cut, [.. handed.Where(one => one.At <= cut.At).Select(static one => one.Id)]));
    }

    [Fact]
    public async Task A_file_that_cannot_be_removed_is_not_taken_again()
    {
        bool fails = true;
        FailingFiles files = new(new PosixFiles(SyncMode.None)) { FailsAt = (call, path) => fails && call == "unlink" && path.EndsWith(Name, StringComparison.Ordinal) };
        string root = World.NewRoot();
        await using QueueRig rig = new(files: files, root: root);
        await rig.StartAsync();
        Drop(files, root, s_kinds["for here and another host"]);
        for (int n = 0; n < 3; n++)
        {
            await TakeAsync(rig, root, files);
            await rig.RestAsync();
        }

        Assert.Equal(Name, Assert.Single(await rig.Queue.ListTakenDropsAsync()));
        fails = false;
        await TakeAsync(rig, root, files);
        Assert.Empty(Directory.GetFiles(PathIn(root)));
        Assert.Empty(await rig.Queue.ListTakenDropsAsync());
        Assert.Single(rig.Client.Sent);
        Assert.Single(await rig.InboxAsync("bob"));
    }

    /// <summary>Starts a server on what a cut left, and lets it do all that is due in the next minutes.</summary>
    private static async Task CheckAsync(Kind kind, QueueCut cut, QueueId[] before)
    {
        string root = World.NewRoot();
        cut.Image.WriteTo(root, cut.Database);
        await using QueueRig rig = new(root: root);
        rig.Time.Advance(TimeSpan.FromHours(1)); // A start takes a while, so that new ids are above those of before.
        await rig.StartAsync();
        await rig.Queue.SweepAsync(rig.QueueIds.Next(), Ct);
        await TakeAsync(rig, root, new PosixFiles(SyncMode.None));
        await rig.RestAsync();
        await rig.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(4));

        // A host may be asked again about a message whose answer was lost, never about a second one.
        int remote = before.Concat(rig.Client.Sent.Select(static one => one.Id)).Distinct().Count();
        (int bob, int notices) = ((await rig.InboxAsync("bob")).Count, (await rig.InboxAsync()).Count);
        bool isGood = (remote, bob, notices) == (kind.Remote, kind.Bob, kind.Notices);
        string[] left = Directory.GetFiles(PathIn(root));
        IReadOnlyList<string> noted = await rig.Queue.ListTakenDropsAsync();
        Assert.True(isGood && left.Length + noted.Count + rig.Files.Length + QueueFaults.CountRows(rig) == 0,
            $"database {cut.Database}, cut at {cut.At}: {remote} at other hosts, {bob} for bob, {notices} notices; {left.Length} dropped, {noted.Count} noted, {rig.Files.Length} queued are left of\n{cut.Image}");
    }

    private static string PathIn(string root) => Path.Combine(root, "drop");

    /// <summary>Does what <c>sendmail</c> does.</summary>
    private static void Drop(IMaildirFiles files, string root, Kind kind)
    {
        const string message = "From: <alice@example.test>\r\nSubject: dropped\r\n\r\nhello\r\n";
        string recipients = string.Concat(kind.Recipients.Select(static one => $"RCPT TO:<{one}>\r\n"));
        byte[] octets = Encoding.ASCII.GetBytes($"MAIL FROM:<{kind.Sender}@example.test>\r\n{recipients}BDAT {message.Length} LAST\r\n{message}");
        FilePath folder = FilePath.Of(PathIn(root));
        Assert.Equal(FileError.None, files.MakeDirectory(folder));
        Assert.Equal(FileError.None, files.Create(FilePath.Of(Path.Combine(PathIn(root), Name)), out Microsoft.Win32.SafeHandles.SafeFileHandle? file));
        using (file)
        {
            Assert.Equal(FileError.None, files.Write(file!, octets, 0));
            Assert.Equal(FileError.None, files.Sync(file!));
        }

        Assert.Equal(FileError.None, files.SyncFileSystem(folder));
    }

    private static async Task TakeAsync(QueueRig rig, string root, IMaildirFiles files)
    {
        SmtpProtocol protocol = new(SmtpRole.Local, new()
        {
            Options = new() { HostName = "mail.example.test" },
            Recipients = new RoutePolicy(),
            Sink = rig.Sink,
            Authenticator = null,
            Tls = null,
            QueueIds = rig.QueueIds,
            Time = rig.Time,
            Loggers = NullLoggerFactory.Instance,
        });
        DropTerms terms = new(protocol, new("mail.example.test", "example.test", 1 << 20), []);
        await using DropPickup pickup = new(new(PathIn(root), SyncMode.None) { Files = files }, rig.Queue, () => terms, rig.Time, rig.Log.CreateLogger("drop"));
        await pickup.TakeAllAsync(Ct);
    }

    /// <summary>Keeps a dropped file until the queue has nothing to do.</summary>
    private static void RestBefore(QueueRig rig, string path)
    {
        if (path.EndsWith(Name, StringComparison.Ordinal))
            rig.RestAsync().GetAwaiter().GetResult();
    }

    /// <summary>Leads everybody where the rig's routes go, and <c>nobody</c> nowhere.</summary>
    private sealed class RoutePolicy : IRecipientPolicy
    {
        /// <summary>Whose mail is refused as such; notices reach alice.</summary>
        public const string Refused = "refused";

        public ValueTask<DeliveryStatus> CheckSenderAsync(ReversePath sender, SmtpPeer peer, CancellationToken ct)
            => new(sender.Address?.LocalPart == Refused ? ScriptedClient.Unknown : DeliveryStatus.Success);

        public ValueTask<long?> MessageLimitAsync(SmtpPeer peer, CancellationToken ct) => new((long?)null);

        public ValueTask<RecipientVerdict> CheckRecipientAsync(ForwardPath recipient, Envelope envelope, SmtpPeer peer, CancellationToken ct) => new(RecipientVerdict.Accept(
            recipient.Address.LocalPart switch
            {
                "nobody" => new MailRoute([], []) { Refusal = ScriptedClient.Unknown },
                Refused => QueueRig.RouteOf("alice@example.test"),
                _ => QueueRig.RouteOf(recipient.Address.ToString()),
            }));
    }
}
