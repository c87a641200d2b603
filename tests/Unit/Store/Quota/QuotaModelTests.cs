using System.Globalization;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Quota;

namespace FullStack.Unit.Store.Quota;

/// <summary>
/// Several sessions and deliveries at once, another program, restarts and crashes: after each round the files on the disk are
/// added up, which is what the store must have counted, and they never exceed a limit.
/// </summary>
public sealed class QuotaModelTests
{
    private static readonly string[] s_boxes = ["INBOX", "Work", "Trash"];

    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Usage_is_what_lies_on_the_disk(int seed)
    {
        Random random = new(seed);
        ChosenLimits limits = new();
        await using TempStore temp = new(limits: limits);
        for (int round = 0; round < 12; round++)
        {
            QuotaAmount before = Naive(temp, "alice") + Naive(temp, "bob");
            limits.Account = new(random.Next(2_000, 20_000), random.Next(5, 60));
            limits.Domain = new(random.Next(4_000, 30_000), random.Next(10, 90));
            int[] seeds = [.. Enumerable.Range(0, 6).Select(_ => random.Next())];
            await Task.WhenAll(seeds.Select(s => Task.Run(() => WorkAsync(temp, new Random(s)), Ct)));
            await CheckAsync(temp, limits, before, $"seed {seed}, round {round}");
            if (random.Next(2) == 0)
                await temp.ReopenAsync(crash: random.Next(2) == 0, between: () => Meddle(temp, random));
        }
    }

    private static async Task WorkAsync(TempStore temp, Random random)
    {
        string user = random.Next(3) == 0 ? "bob" : "alice";
        Result<AccountLease> lease = await temp.Store.OpenAccountAsync(TempStore.Name(user), Ct);
        using (lease.Value)
        {
            Account account = lease.Value.Account;
            await account.CreateAsync(TempStore.Box("Work"), SpecialUse.None, Ct);
            await account.CreateAsync(TempStore.Box("Trash"), SpecialUse.Trash, Ct);
            for (int i = 0; i < 6; i++)
                await StepAsync(temp, account, random);
        }
    }

    private static async Task StepAsync(TempStore temp, Account account, Random random)
    {
        MailboxName box = TempStore.Box(s_boxes[random.Next(s_boxes.Length)]), other = TempStore.Box(s_boxes[random.Next(s_boxes.Length)]);
        await using StagedMessage message = await temp.StageAsync(TempStore.Mail("x", string.Concat(Enumerable.Repeat("line\r\n", random.Next(60)))));
        int step = random.Next(8);
        if (step < 3)
        {
            await temp.Store.DeliverAsync(message, [TempStore.Name("alice"), TempStore.Name("bob")], Ct);
            return;
        }

        if (step == 3)
        {
            MessageFlags flags = random.Next(2) == 0 ? MessageFlags.None : new(SystemFlags.Deleted, []);
            await account.AppendAsync(box, message, flags, null, Ct);
            return;
        }

        if (step == 4 && !box.IsInbox && random.Next(4) == 0)
        {
            await account.DeleteAsync(box, Ct);
            await account.CreateAsync(box, SpecialUse.None, Ct);
            return;
        }

        Result<MailboxView> opened = await account.OpenAsync(box, readOnly: false, Ct);
        if (!opened.Ok)
            return;
        using MailboxView view = opened.Value;
        if (step == 5)
            await view.CopyAsync(UidSet.All, other, Ct);
        else if (step == 6)
            await view.MoveAsync(UidSet.All, other, Ct);
        else
            await view.ExpungeAsync(UidSet.All, Ct);
    }

    private static async Task CheckAsync(TempStore temp, ChosenLimits limits, QuotaAmount before, string when)
    {
        QuotaAmount sum = default;
        foreach (string user in (string[])["alice", "bob"])
        {
            Account account = await temp.AccountAsync(user);
            QuotaAmount onDisk = Naive(temp, user);
            sum += onDisk;
            await account.Usage.CountAsync(all: false, Ct);
            Assert.True(onDisk == account.Usage.Used, $"{when}: {user} has {onDisk}, counted {account.Usage.Used}");
            await account.Usage.RestAsync(Ct);
            Assert.True(MaildirSize.TryParse(File.ReadAllBytes(Path.Combine(temp.Maildir(user), "maildirsize")), out MaildirSize noted), when);
            Assert.True(noted == new MaildirSize(limits.Account, onDisk), $"{when}: {user} has {onDisk}, noted {noted}");
            await temp.CheckAsync(user);
        }

        // What was there before the limit was set may stay; nothing may have been added to it.
        Assert.True(sum.Octets <= Math.Max(limits.Domain.Octets, before.Octets) && sum.Messages <= Math.Max(limits.Domain.Messages, before.Messages), $"{when}: {sum} in all, of {limits.Domain}");
    }

    /// <summary>Another program adds some files, with and without their size in the name, and takes some away.</summary>
    private static void Meddle(TempStore temp, Random random)
    {
        foreach (string file in Files(temp, "alice").Where(_ => random.Next(5) == 0).ToArray())
            File.Delete(file);
        for (int i = random.Next(4); i > 0; i--)
        {
            int octets = random.Next(10, 500);
            string size = random.Next(2) == 0 ? $",S={octets}" : "";
            string name = string.Create(CultureInfo.InvariantCulture, $"{random.Next()}.{i}.other{size}{(random.Next(2) == 0 ? ":2,T" : ":2,")}");
            File.WriteAllText(Path.Combine(temp.Maildir("alice"), "cur", name), new string('\n', octets));
        }
    }

    /// <summary>Adds the files up. Messages of a mailbox that was opened may still be on their way from new/ to cur/: a walk that met one of these begins again.</summary>
    private static QuotaAmount Naive(TempStore temp, string user)
    {
        while (true)
        {
            FileInfo[] files = [.. Files(temp, user).Order(StringComparer.Ordinal).Select(static file => new FileInfo(file))];
            if (files.All(static file => file.Exists) && files.Select(static file => file.FullName).SequenceEqual(Files(temp, user).Order(StringComparer.Ordinal)))
                return files.Aggregate(default(QuotaAmount), static (sum, file) => sum + new QuotaAmount(file.Length, 1));
        }
    }

    private static IEnumerable<string> Files(TempStore temp, string user) => Directory.Exists(temp.Maildir(user))
        ? Directory.EnumerateFiles(temp.Maildir(user), "*", SearchOption.AllDirectories)
            .Where(static f => f.Contains("/new/", StringComparison.Ordinal) || f.Contains("/cur/", StringComparison.Ordinal))
        : [];
}
