using System.Security.Cryptography;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Annotations;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store.Faults;

/// <summary>A message as its owner knows it: where it is and what it looks like.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="Mailbox">Where it is.</param>
/// <param name="Subject">Which one it is.</param>
/// <param name="Looks">Content, date and system flags.</param>
/// <param name="Keywords">Its keywords and annotations: what only the index has and the list beside the mailbox.</param>
internal sealed record Sighting(string Account, string Mailbox, string Subject, string Looks, string Keywords);

/// <summary>A number under which a client has seen a file.</summary>
internal readonly record struct SeenUid(string Account, uint Validity, uint Uid, string BaseName);

/// <summary>All mail of a store, as read through the store.</summary>
internal sealed class MailState
{
    public List<Sighting> Messages { get; } = [];
    public HashSet<string> Mailboxes { get; } = new(StringComparer.Ordinal);
    public HashSet<SeenUid> Seen { get; } = [];
    public Dictionary<(string Account, uint Validity), uint> UidNext { get; } = [];
}

/// <summary>A store that may have three accounts, and what the scenarios need of it.</summary>
internal sealed class World(TempStore temp) : IAsyncDisposable
{
    private readonly Dictionary<string, Account> _accounts = [];
    private readonly List<MailboxView> _views = [];

    /// <summary>A new directory, in memory where there is a file system for that: what a power cut leaves is decided here, not by the disk.</summary>
    public static string NewRoot()
        => Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/fullstack-fault-{Guid.NewGuid():N}").FullName
            : Directory.CreateTempSubdirectory("fullstack-fault-").FullName;

    public static IReadOnlyList<string> Users { get; } = ["alice", "bob", "carol"];

    public TempStore Temp => temp;
    public static CancellationToken Ct => TempStore.Ct;

    /// <summary>Called with each account when it is opened.</summary>
    public Action<Account>? Opened { get; init; }

    public async Task<Account> AccountAsync(string user = "alice")
    {
        if (_accounts.TryGetValue(user, out Account? account))
            return account;
        account = _accounts[user] = await temp.AccountAsync(user);
        Opened?.Invoke(account);
        return account;
    }

    public async Task CreateAsync(params string[] mailboxes)
    {
        foreach (string mailbox in mailboxes)
            Assert.True((await (await AccountAsync()).CreateAsync(TempStore.Box(mailbox), SpecialUse.None, Ct)).Ok);
    }

    public async Task<StoreError> AppendAsync(string mailbox, string subject, SystemFlags flags = SystemFlags.Seen, params string[] keywords)
    {
        StagedMessage staged;
        try
        {
            staged = await temp.StageAsync(TempStore.Mail(subject, Body(subject)));
        }
        catch (IOException)
        {
            return StoreError.Unavailable;
        }

        await using StagedMessage message = staged;
        return (await (await AccountAsync()).AppendAsync(
            TempStore.Box(mailbox), message, new(flags, keywords), DateTimeOffset.FromUnixTimeSeconds(1_000_000_000), Ct)).Error;
    }

    /// <summary>Gives the message of a UID in INBOX an annotation.</summary>
    public async Task<StoreError> AnnotateAsync(uint uid, string entry, int octets)
    {
        using MailboxView view = await TempStore.OpenAsync(await AccountAsync());
        return (await view.AnnotateAsync(UidSet.Of(new Uid(uid)), [new(entry, true, new byte[octets])], null, Ct)).Error;
    }

    /// <summary>A view that reads and writes, all of whose messages lie in cur/.</summary>
    public async Task<MailboxView> ViewAsync(string mailbox = "INBOX")
    {
        Account account = await AccountAsync();
        MailboxView view = await TempStore.OpenAsync(account, mailbox);
        await Settler.SettleAsync(account.Mailboxes.Opened(TempStore.Box(mailbox))!, Ct);
        view.Synchronize(true);
        _views.Add(view);
        return view;
    }

    /// <summary>The UIDs that the open mailboxes show now, without asking the disk.</summary>
    public IEnumerable<SeenUid> SeenNow()
    {
        foreach ((string user, Account account) in _accounts)
        {
            foreach (string name in (string[])["INBOX", "a", "a.b", "x", "x.b", "Target", "old", "made"])
            {
                if (account.Mailboxes.Opened(TempStore.Box(name))?.Current is not { } now)
                    continue;
                for (int i = 0; i < now.Messages.Count; i++)
                    yield return Seen(user, now.UidValidity, now.Messages[i]);
            }
        }
    }

    /// <summary>Reads all mail of the accounts that are there.</summary>
    public async Task<MailState> ReadAsync()
    {
        MailState state = new();
        foreach (string user in Users)
        {
            if (!temp.HasMail(user))
                continue;
            Account account = await AccountAsync(user);
            foreach (MailboxInfo info in await account.ListAsync(Ct))
            {
                if (!info.Exists)
                    continue;
                state.Mailboxes.Add($"{user}/{info.Name}");
                using MailboxView view = await TempStore.OpenAsync(account, info.Name.Text, readOnly: true);
                state.UidNext[(user, view.UidValidity.Value)] = view.UidNext.Value;
                for (int number = 1; number <= view.Count; number++)
                {
                    MessageEntry entry = view.Entry(number)!;
                    state.Seen.Add(Seen(user, view.UidValidity, entry));
                    state.Messages.Add(await SightAsync(user, info.Name.Text, view, entry));
                }
            }
        }

        return state;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (MailboxView view in _views)
            view.Dispose();
        await temp.DisposeAsync();
    }

    public static string Body(string subject) => string.Concat(Enumerable.Repeat($"This is {subject}.\r\n", subject.StartsWith("large", StringComparison.Ordinal) ? 800 : 3));

    private static SeenUid Seen(string user, UidValidity validity, MessageEntry entry)
        => new(user, validity.Value, entry.Uid.Value, System.Text.Encoding.UTF8.GetString(FullStack.Store.Maildir.MaildirFileName.Base(entry.FileName)));

    private static async Task<Sighting> SightAsync(string user, string mailbox, MailboxView view, MessageEntry entry)
    {
        byte[] octets = await TempStore.ReadAsync(view, entry.Uid);
        string text = System.Text.Encoding.UTF8.GetString(octets);
        int subject = text.IndexOf("Subject: ", StringComparison.Ordinal);
        string name = subject < 0 ? "(none)" : text[(subject + 9)..text.IndexOf('\r', subject)];
        bool whole = text == System.Text.Encoding.UTF8.GetString(TempStore.Mail(name, Body(name))) && octets.Length == entry.WireOctets;
        string date = entry.InternalDate.ToUnixTimeSeconds() == 1_000_000_000 ? "dated" : "now";
        string hash = whole ? "whole" : $"broken {Convert.ToHexString(SHA256.HashData(octets))[..8]}";
        IReadOnlyDictionary<Uid, IReadOnlyList<Annotation>> annotations = (await view.AnnotationsAsync([entry.Uid], Ct)).Value;
        IEnumerable<string> said = (annotations.GetValueOrDefault(entry.Uid) ?? []).Select(static a => $"{a.Entry}={a.Value.Length}");
        return new(user, mailbox, name, $"{hash} {date} {entry.Flags}", string.Join(' ', entry.Keywords.Concat(said)));
    }
}
