using System.Collections.Concurrent;
using System.Diagnostics;
using FullStack.Conformance.Interleaving;
using FullStack.Harness.Clients;
using FullStack.Harness.Outsiders;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Hosting;
using FullStack.Store;

namespace FullStack.Conformance.Stress;

/// <summary>
/// A hundred IMAP connections, a third to each of three mailboxes, that do everything at once, each keeping track of what it was told.
/// Nobody knows what comes first; but each client's numbers fit its UIDs, a UID stays one message's, and at the end all see the same.
/// </summary>
/// <remarks><c>STRESS_SECONDS</c> says how long.</remarks>
public sealed class StressTests
{
    private const int Connections = 100, ManyMessages = 60;

    private readonly ConcurrentDictionary<(string User, uint Uid), string> _subjects = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("maildir")]
    [InlineData("mbox")]
    public async Task A_hundred_connections_see_the_same_mailboxes(string format)
    {
        TimeSpan time = TimeSpan.FromSeconds(double.TryParse(Environment.GetEnvironmentVariable("STRESS_SECONDS"), out double seconds) ? seconds : 3);
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Format = format == "mbox" ? StoreFormat.Mbox : StoreFormat.Maildir }, Ct);
        BoundListener listener = server.Listener(ListenerProtocol.Imap);
        Dictionary<string, ModelWorld> worlds = TestAccounts.Users.ToDictionary(static user => user, static _ => new ModelWorld(new("INBOX"), new("INBOX")));
        List<(string User, ModelSession Session, Dialogue Dialogue)> clients = [];
        for (int i = 0; i < Connections; i++)
        {
            string user = TestAccounts.Users[i % TestAccounts.Users.Count];
            Dialogue dialogue = new();
            clients.Add((user, await ModelSession.ConnectAsync($"{i}", listener, user, dialogue, Ct), dialogue));
        }

        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(clients.Select(async (client, i) =>
        {
            try
            {
                await OpenAsync(client.Session, worlds[client.User], i);
                for (Random random = new(i); Stopwatch.GetElapsedTime(start) < time;)
                    await TakeTurnAsync(client.User, client.Session, worlds[client.User], random);
            }
            catch (Exception e) when (e is ModelBreach or IOException or TimeoutException or FormatException)
            {
                throw new ModelBreach($"{e.Message}{Environment.NewLine}{client.Dialogue}");
            }
        }));
        foreach ((string user, ModelWorld world) in worlds)
            await AgreeAsync(listener, user, world, clients.Where(client => client.User == user).Select(static client => client.Session));
        foreach ((_, ModelSession session, _) in clients)
            await session.DisposeAsync();
        server.Log.CheckNoAlarm();
    }

    private static async Task OpenAsync(ModelSession session, ModelWorld world, int i)
    {
        if (i / TestAccounts.Users.Count % 3 is var kind and > 0)
            await SayAsync(session, MailboxCommands.Enable(qResync: kind == 1));
        await SayAsync(session, new("SELECT INBOX", MayExpunge: false) { Opening = new(world.Inbox, isReadOnly: false) });
    }

    /// <summary>One command, or some in a packet.</summary>
    private async Task TakeTurnAsync(string user, ModelSession session, ModelWorld world, Random random)
    {
        MessageCommands messages = new(world, session, random, mostMessages: 10);
        MailboxCommands mailboxes = new(world, session, random);
        SessionPicture picture = session.Picture!;
        if (picture.Messages.Count == 0)
        {
            await SayAsync(session, mailboxes.Append());
            return;
        }

        // A client names messages by UID only when it knows their UIDs.
        if (!picture.IsComplete)
        {
            await SayAsync(session, messages.FetchUnknown());
            return;
        }

        if (picture.Messages.Count > ManyMessages)
        {
            await SayAsync(session, new($"STORE 1:{ManyMessages / 2} +FLAGS.SILENT (\\Deleted)", MayExpunge: false) { UsesNumbers = true, Settle = _ => Forget(picture) });
            await SayAsync(session, messages.Expunge());
            return;
        }

        bool byUid = random.Next(2) == 0;
        Answer answer = await SayAsync(session, random.Next(24) switch
        {
            < 6 => messages.Store(byUid),
            < 12 => messages.Fetch(byUid),
            < 14 => messages.Search(byUid),
            14 => messages.Sort(byUid),
            15 => messages.Copy(byUid),
            16 => messages.Move(byUid),
            17 => messages.Expunge(),
            18 => messages.Delete(byUid),
            19 => messages.UidExpunge(),
            20 => mailboxes.Status(),
            21 => mailboxes.Append(),
            _ => mailboxes.Noop(),
        });
        CheckNames(user, answer);
    }

    /// <summary>UIDs name the messages that they always named.</summary>
    private void CheckNames(string user, Answer answer)
    {
        foreach (IReadOnlyDictionary<string, object?> items in answer.Untagged.Where(static response => response.Name == "FETCH").Select(static response => response.Items))
        {
            if (!items.TryGetValue("UID", out object? text) || !items.TryGetValue("BODY[HEADER.FIELDS (SUBJECT)]", out object? header))
                continue;
            uint uid = uint.Parse((string)text!);
            string known = _subjects.GetOrAdd((user, uid), (string)header!);
            ModelBreach.Unless(known == (string)header!, $"UID {uid} was {known} and is {header}");
        }
    }

    /// <summary>Lets all hear of everything, and compares what they know with what a new session is told.</summary>
    private static async Task AgreeAsync(BoundListener listener, string user, ModelWorld world, IEnumerable<ModelSession> sessions)
    {
        await using Onlooker onlooker = await Onlooker.ConnectAsync(listener, user, world.Inbox, Ct);
        await onlooker.LookAsync(isPredicted: false, Ct);
        foreach (ModelSession session in sessions)
        {
            await SayAsync(session, new("NOOP", MayExpunge: true));
            session.Picture!.Meet();
        }
    }

    private static async Task<Answer> SayAsync(ModelSession session, ModelCommand command)
    {
        await session.SendAsync([command], Ct);
        return await session.ReadAnswerAsync(command, Ct);
    }

    /// <summary>What a .SILENT change to messages did whose flags the client does not keep track of.</summary>
    private static void Forget(SessionPicture picture)
    {
        foreach (KnownMessage message in picture.Messages.Take(ManyMessages / 2).Where(static message => !message.IsFresh))
            message.Flags = message.Flags?.Add(Flags.Deleted);
    }
}
