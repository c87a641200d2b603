using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Verify;

namespace FullStack.Unit.Store.Faults;

/// <summary>One operation that is interrupted at every call.</summary>
/// <param name="SetUp">Makes what the operation works on; all of it was acknowledged.</param>
/// <param name="Prepare">Opens what the operation needs and returns it: an attempt, which may be made again when it failed.</param>
/// <param name="AlsoAllowed">Whether a sighting is fine while the operation is not acknowledged, although neither before nor after has it.</param>
/// <param name="MayBeTwice">Whether an interrupted operation may leave a message both where it was and where it goes.</param>
internal sealed record Scenario(
    Func<World, Task> SetUp, Func<World, Task<Func<Task<StoreError>>>> Prepare, Func<Sighting, bool>? AlsoAllowed = null, bool MayBeTwice = false)
{
    /// <summary>Whether a sighting is fine while the operation is not acknowledged, as long as all that was there before is there too.</summary>
    public Func<Sighting, bool>? AllowedBeside { get; init; }

    /// <summary>Whether it is done for all messages or for none, as long as the process lives and the disk keeps what it was given.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>The operations of the store that put something on the disk.</summary>
internal static class Scenarios
{
    private static CancellationToken Ct => TempStore.Ct;

    public static IReadOnlyDictionary<string, Scenario> All { get; } = new Dictionary<string, Scenario>
    {
        ["first delivery to a new account"] = new(_ => Task.CompletedTask, Delivery("new", "alice")),
        ["delivery from memory"] = new(SomeMail, Delivery("new", "alice")) { IsWhole = true },
        ["delivery from a file"] = new(SomeMail, Delivery("large", "alice")) { IsWhole = true },
        ["delivery from memory to three"] = new(SomeMail, Delivery("new", "alice", "bob", "carol")),
        ["delivery from a file to three"] = new(SomeMail, Delivery("large", "alice", "bob", "carol")),
        ["append"] = new(SomeMail, Append("new", SystemFlags.None)) { IsWhole = true },
        ["append with flags and keywords"] = new(SomeMail, Append("new", SystemFlags.Seen | SystemFlags.Flagged, "red"), LacksKeywords("new")) { IsWhole = true },
        ["append of a large message"] = new(SomeMail, Append("large", SystemFlags.Draft)) { IsWhole = true },
        ["append of two messages at once"] = new(SomeMail, AppendTwo) { IsWhole = true },
        ["store"] = new(SomeMail, Store(UidSet.All, new(SystemFlags.Answered, []))) { IsWhole = true },
        ["store of flags and keywords"] = new(SomeMail, Store(UidSet.All, new(SystemFlags.Answered, ["blue"])), static s => s.Keywords is "" or "blue" or "blue red" or "red") { IsWhole = true },
        ["store in new"] = new(MailInNew, StoreInNew) { IsWhole = true },
        ["expunge"] = new(DeletedMail, Expunge),
        ["copy"] = new(SomeMail, Transfer(static (v, box) => v.CopyAsync(UidSet.All, box, Ct)), LacksKeywords("m2", "Target")) { IsWhole = true },
        ["move"] = new(SomeMail, Transfer(static (v, box) => v.MoveAsync(UidSet.All, box, Ct)), MayBeTwice: true) { IsWhole = true },
        ["copy to another account"] = new(
            MailForBob, TransferToBob(static (v, place) => v.CopyAsync(UidSet.All, place, Ct)), static s => s is { Subject: "m2", Account: "bob", Keywords: "" }),
        ["move to another account"] = new(
            MailForBob, TransferToBob(static (v, place) => v.MoveAsync(UidSet.All, place, Ct)), static s => s is { Subject: "m2", Account: "bob", Keywords: "" }, MayBeTwice: true),
        ["annotate"] = new(AnnotatedMail, Annotate, static s => s.Keywords is "/comment=4" or "/comment=4 /x=5"),
        ["copy of annotated messages"] = new(AnnotatedMail, Transfer(static (v, box) => v.CopyAsync(UidSet.All, box, Ct)), static s => s is { Mailbox: "Target", Keywords: "" or "red" }) { IsWhole = true },
        ["move of annotated messages"] = new(AnnotatedMail, Transfer(static (v, box) => v.MoveAsync(UidSet.All, box, Ct)), MayBeTwice: true)
        {
            AllowedBeside = static s => s is { Mailbox: "Target", Keywords: "" or "red" },
        },
        ["append with annotations"] = new(SomeMail, AppendAnnotated, static s => s is { Subject: "new", Keywords: "" }) { IsWhole = true },
        ["rebuild of annotated messages"] = new(AnnotatedMail, Mailboxes(static async a => (await MailboxRebuilder.RebuildAsync(a, MailboxName.Inbox, false, Ct)).Error)),
        ["create"] = new(SomeMail, Mailboxes(static async a => (await a.CreateAsync(TempStore.Box("made"), SpecialUse.None, Ct)).Error)),
        ["default mailboxes"] = new(SomeMail, Mailboxes(static a => a.EnsureDefaultMailboxesAsync(Ct))),
        ["rename with children"] = new(MailInFolders, Mailboxes(static a => a.RenameAsync(TempStore.Box("a"), TempStore.Box("x"), Ct))),
        ["rename of an open mailbox"] = new(MailInFolders, RenameOpen),
        ["delete"] = new(MailInFolders, Mailboxes(static a => a.DeleteAsync(TempStore.Box("a.b"), Ct))),
        ["delete of an open mailbox"] = new(MailInFolders, DeleteOpen),
        ["append after a rest, with the first reservation"] = new(SomeMail, AppendAfterRest),
        ["close"] = new(SomeMail, Close),
        ["opening of a folder that another program filled"] = new(SomeMail, FilledFolder.OpeningAsync, static s => s.Mailbox == "made"),
        ["rebuild"] = new(SomeMail, Mailboxes(static async a => (await MailboxRebuilder.RebuildAsync(a, MailboxName.Inbox, false, Ct)).Error)),
        ["rename of INBOX"] = new(SomeMail, Mailboxes(static a => a.RenameAsync(MailboxName.Inbox, TempStore.Box("old"), Ct)), MayBeTwice: true),
    };

    private static async Task SomeMail(World world)
    {
        await world.CreateAsync("Target");
        await world.AppendAsync("INBOX", "m1");
        await world.AppendAsync("INBOX", "m2", SystemFlags.Flagged, "red");
        await world.AppendAsync("INBOX", "m3", SystemFlags.Seen | SystemFlags.Answered);
    }

    private static async Task AnnotatedMail(World world)
    {
        await SomeMail(world);
        Assert.Equal(StoreError.None, await world.AnnotateAsync(2, "/comment", 3));
        Assert.Equal(StoreError.None, await world.AnnotateAsync(3, "/comment", 4));
    }

    private static async Task MailInNew(World world)
    {
        await world.AppendAsync("INBOX", "m1", SystemFlags.None);
        await world.AppendAsync("INBOX", "m2", SystemFlags.None);
    }

    private static async Task DeletedMail(World world)
    {
        await SomeMail(world);
        await world.AppendAsync("INBOX", "d1", SystemFlags.Deleted);
        await world.AppendAsync("INBOX", "d2", SystemFlags.Deleted | SystemFlags.Seen, "red");
    }

    private static async Task MailInFolders(World world)
    {
        await world.CreateAsync("a", "a.b");
        await world.AppendAsync("a", "m1");
        await world.AppendAsync("a.b", "m2", SystemFlags.Flagged, "red");
    }

    private static Func<Sighting, bool> LacksKeywords(string subject, string? mailbox = null)
        => s => s.Subject == subject && s.Keywords.Length == 0 && (mailbox is null || s.Mailbox == mailbox);

    private static Func<World, Task<Func<Task<StoreError>>>> Delivery(string subject, params string[] users) => async world =>
    {
        StagedMessage message = await world.Temp.StageAsync(TempStore.Mail(subject, World.Body(subject)));
        List<string> waiting = [.. users];
        return async () =>
        {
            IReadOnlyList<Result<Nothing>> results = await world.Temp.Store.DeliverAsync(message, [.. waiting.Select(TempStore.Name)], Ct);
            StoreError error = results.FirstOrDefault(static r => !r.Ok).Error;
            waiting = [.. waiting.Where((_, i) => !results[i].Ok)];
            if (waiting.Count == 0)
                await message.DisposeAsync();
            return error;
        };
    };

    private static Func<World, Task<Func<Task<StoreError>>>> Append(string subject, SystemFlags flags, params string[] keywords)
        => world => Task.FromResult<Func<Task<StoreError>>>(() => world.AppendAsync("INBOX", subject, flags, keywords));

    private static async Task<Func<Task<StoreError>>> Annotate(World world)
    {
        MailboxView view = await world.ViewAsync();
        return async () => (await view.AnnotateAsync(UidSet.Of(new Uid(3)), [new("/x", true, new byte[5])], null, Ct)).Error;
    }

    private static async Task<Func<Task<StoreError>>> AppendAnnotated(World world)
    {
        Account account = await world.AccountAsync();
        StagedMessage staged = await world.Temp.StageAsync(TempStore.Mail("new", World.Body("new")));
        return async () =>
        {
            NewMessage message = new(staged, MessageFlags.None, null) { Annotations = [new("/comment", true, new byte[7])] };
            return (await account.AppendAsync(MailboxName.Inbox, [message], Ct)).Error;
        };
    }

    private static async Task<Func<Task<StoreError>>> AppendTwo(World world)
    {
        Account account = await world.AccountAsync();
        return async () =>
        {
            StagedMessage? one = null, two = null;
            try
            {
                one = await world.Temp.StageAsync(TempStore.Mail("new", World.Body("new")));
                two = await world.Temp.StageAsync(TempStore.Mail("large", World.Body("large")));
                MessageFlags flags = new(SystemFlags.Seen, []);
                return (await account.AppendAsync(MailboxName.Inbox, [new(one, flags, null), new(two, flags, null)], Ct)).Error;
            }
            catch (IOException)
            {
                return StoreError.Unavailable; // Could not be staged.
            }
            finally
            {
                foreach (StagedMessage staged in new[] { one, two }.OfType<StagedMessage>())
                    await staged.DisposeAsync();
            }
        };
    }

    private static Func<World, Task<Func<Task<StoreError>>>> Store(UidSet uids, MessageFlags flags) => async world =>
    {
        MailboxView view = await world.ViewAsync();
        return async () => (await view.StoreFlagsAsync(uids, new(FlagOperation.Add, flags), null, false, Ct)).Error;
    };

    private static async Task<Func<Task<StoreError>>> StoreInNew(World world)
    {
        Account account = await world.AccountAsync();
        Result<Mailbox> inbox = await account.Mailboxes.FindAsync(MailboxName.Inbox, Ct);
        return async () => (await account.GuardAsync(async () => (await FlagWriter.StoreAsync(
            inbox.Value, UidSet.All, new(FlagOperation.Add, new(SystemFlags.Seen, [])), null, Ct)).Outcome)).Error;
    }

    private static async Task<Func<Task<StoreError>>> AppendAfterRest(World world)
    {
        Account account = await world.AccountAsync();
        await account.RestAsync(TimeSpan.Zero);
        return () => world.AppendAsync("INBOX", "new");
    }

    private static async Task<Func<Task<StoreError>>> Close(World world)
    {
        Account account = await world.AccountAsync();
        return async () => (await account.GuardAsync<Nothing>(async () =>
        {
            await account.RestAsync(TimeSpan.Zero);
            return default(Nothing);
        })).Error;
    }

    private static async Task<Func<Task<StoreError>>> Expunge(World world)
    {
        MailboxView view = await world.ViewAsync();
        return async () => (await view.ExpungeAsync(UidSet.All, Ct)).Error;
    }

    private static Func<World, Task<Func<Task<StoreError>>>> Transfer(Func<MailboxView, MailboxName, ValueTask<Result<CopyOutcome>>> transfer) => async world =>
    {
        MailboxView view = await world.ViewAsync();
        return async () => (await transfer(view, TempStore.Box("Target"))).Error;
    };

    private static async Task MailForBob(World world)
    {
        await SomeMail(world);
        Assert.True((await (await world.AccountAsync("bob")).StatusAsync(MailboxName.Inbox, Ct)).Ok);
    }

    private static Func<World, Task<Func<Task<StoreError>>>> TransferToBob(Func<MailboxView, TransferTarget, ValueTask<Result<CopyOutcome>>> transfer) => async world =>
    {
        MailboxView view = await world.ViewAsync();
        TransferTarget place = new(await world.AccountAsync("bob"), MailboxName.Inbox);
        return async () => (await transfer(view, place)).Error;
    };

    private static Func<World, Task<Func<Task<StoreError>>>> Mailboxes(Func<Account, ValueTask<Result<Nothing>>> change)
        => Mailboxes(async account => (await change(account)).Error);

    private static Func<World, Task<Func<Task<StoreError>>>> Mailboxes(Func<Account, Task<StoreError>> change) => async world =>
    {
        Account account = await world.AccountAsync();
        return () => change(account);
    };

    private static async Task<Func<Task<StoreError>>> RenameOpen(World world)
    {
        MailboxView view = await world.ViewAsync("a.b");
        Account account = await world.AccountAsync();
        return async () =>
        {
            StoreError error = (await account.RenameAsync(TempStore.Box("a"), TempStore.Box("x"), Ct)).Error;
            if (!(await view.OpenMessageAsync(view.UidOf(1), Ct)).Ok) // The one call that fails may be here.
                Assert.True((await view.OpenMessageAsync(view.UidOf(1), Ct)).Ok);
            return error;
        };
    }

    private static async Task<Func<Task<StoreError>>> DeleteOpen(World world)
    {
        MailboxView view = await world.ViewAsync("a.b");
        Account account = await world.AccountAsync();
        return async () =>
        {
            StoreError error = (await account.DeleteAsync(TempStore.Box("a.b"), Ct)).Error;
            Assert.Equal(error == StoreError.None, view.IsDead);
            return error;
        };
    }
}
