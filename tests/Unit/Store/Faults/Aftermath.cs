using FullStack.Store;
using FullStack.Store.SideFiles;
using FullStack.Store.Verify;

namespace FullStack.Unit.Store.Faults;

/// <summary>What has to hold after an operation was interrupted.</summary>
internal sealed class Aftermath(MailState before, MailState after, IReadOnlySet<SeenUid> seen, Scenario scenario, StoreFormat format)
{
    /// <summary>Opens a store on what a power cut left, and looks.</summary>
    public async Task CheckAsync(DiskImage image, IndexState index, bool acknowledged)
    {
        string root = World.NewRoot();
        image.WriteTo(root, index);
        await using World world = new(new TempStore(root: root, format: format));
        List<string> broken = [];
        try
        {
            MailState found = await world.ReadAsync();
            Compare(found, acknowledged, withKeywords: index != IndexState.Lost, broken);
            CheckUids(found, broken);
            await CheckNextAsync(world, broken);
            await VerifyAsync(world, broken);
            CheckLeftovers(world.Temp.Root, broken);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            broken.Add(e.ToString());
        }

        Assert.True(broken.Count == 0, $"{(acknowledged ? "acknowledged" : "interrupted")}, index {index}:\n{string.Join('\n', broken)}\n{image}");
    }

    /// <summary>Each message is where it was before or where the operation puts it; once the operation was acknowledged, only there.</summary>
    public void Compare(MailState found, bool acknowledged, bool withKeywords, List<string> broken)
    {
        foreach (string mailbox in before.Mailboxes.Intersect(after.Mailboxes).Except(found.Mailboxes))
            broken.Add($"{mailbox} is gone");
        IEnumerable<string> known = acknowledged ? after.Mailboxes : before.Mailboxes.Union(after.Mailboxes);
        foreach (string mailbox in found.Mailboxes.Except(known))
        {
            // An account's first delivery makes its INBOX before the message is there.
            if (!mailbox.EndsWith("/INBOX", StringComparison.Ordinal))
                broken.Add($"{mailbox} should not be there");
        }

        foreach (string mailbox in acknowledged ? after.Mailboxes.Except(found.Mailboxes) : [])
            broken.Add($"{mailbox} is not there");
        foreach (var message in found.Messages.Concat(before.Messages).Concat(after.Messages).GroupBy(static m => (m.Account, m.Subject)))
        {
            List<Sighting> now = Of(found), was = Of(before), becomes = Of(after);
            bool good = Same(now, becomes) || !acknowledged && (Same(now, was)
                || now.All(s => was.Contains(s) || becomes.Contains(s) || scenario.AlsoAllowed?.Invoke(s) == true || scenario.AllowedBeside?.Invoke(s) == true && was.All(now.Contains))
                && now.Count >= Math.Min(was.Count, becomes.Count) && now.Count <= (scenario.MayBeTwice ? was.Count + becomes.Count : Math.Max(was.Count, becomes.Count)));
            if (!good)
                broken.Add($"{message.Key}: found {Show(now)}, was {Show(was)}, becomes {Show(becomes)}");

            List<Sighting> Of(MailState state) => [.. state.Messages
                .Where(m => (m.Account, m.Subject) == message.Key)
                .Select(m => withKeywords ? m : m with { Keywords = "" })];
        }
    }

    /// <summary>What was refused is not done.</summary>
    public void CompareRefused(MailState found, List<string> broken)
    {
        if (!Same(found.Messages, before.Messages))
            broken.Add($"refused, and yet found {Show(found.Messages)}, was {Show(before.Messages)}");
    }

    private void CheckUids(MailState found, List<string> broken)
    {
        Dictionary<(string, uint, uint), string> names = seen.ToDictionary(static s => (s.Account, s.Validity, s.Uid), static s => s.BaseName);
        foreach (SeenUid uid in found.Seen)
        {
            if (names.TryGetValue((uid.Account, uid.Validity, uid.Uid), out string? name) && name != uid.BaseName)
                broken.Add($"UID {uid.Uid} was {name} and is {uid.BaseName}");
        }

        foreach (SeenUid uid in seen)
        {
            if (found.UidNext.TryGetValue((uid.Account, uid.Validity), out uint next) && next <= uid.Uid)
                broken.Add($"UIDNEXT {next} is not above UID {uid.Uid}, which was seen");
        }
    }

    /// <summary>The store takes mail again, under a UID that nobody has seen.</summary>
    private async Task CheckNextAsync(World world, List<string> broken)
    {
        if (await world.AppendAsync("INBOX", "later") is var error and not StoreError.None)
            broken.Add($"no message can be appended: {error}");
        CheckUids(await world.ReadAsync(), broken);
    }

    private static async Task VerifyAsync(World world, List<string> broken)
    {
        foreach (string user in World.Users)
        {
            if (world.Temp.HasMail(user))
                broken.AddRange(await MailboxVerifier.VerifyAsync(world.Temp.Store, TempStore.Name(user), World.Ct));
        }
    }

    /// <summary>What is of no use any more lies only in tmp/ and in the staging folder.</summary>
    public static void CheckLeftovers(string root, List<string> broken)
    {
        foreach (string account in World.Users.Select(u => Path.Combine(root, "example.test", u)).Where(Directory.Exists))
        {
            foreach (string name in Directory.GetFileSystemEntries(account).Select(static e => Path.GetFileName(e)!))
            {
                if (name is not ("Maildir" or "index.db" or "index.db-wal" or "index.db-shm" or "uidvalidity" or AccountFile.Name or "inbox" or "inbox.lock" or ".inbox.lock" or "mail" or "mbox"))
                    broken.Add($"left in the account: {name}");
            }

            CheckMboxes(account, broken);
            string maildir = Path.Combine(account, "Maildir");
            foreach (string folder in Directory.Exists(maildir) ? Directory.GetDirectories(maildir, ".*").Append(maildir) : [])
            {
                foreach (string name in Directory.GetFileSystemEntries(folder).Select(static e => Path.GetFileName(e)!))
                {
                    if (name is not ("tmp" or "new" or "cur" or "maildirfolder" or "dovecot-keywords" or UidListFile.Name) && !(folder == maildir && name[0] == '.'))
                        broken.Add($"left in {folder}: {name}");
                }

                // One message has one name.
                IEnumerable<string> bases = ((string[])["new", "cur"]).Select(d => Path.Combine(folder, d)).Where(Directory.Exists)
                    .SelectMany(Directory.GetFiles).Select(static f => Path.GetFileName(f).Split(':')[0]);
                broken.AddRange(bases.GroupBy(static b => b).Where(static g => g.Count() > 1).Select(g => $"{g.Key} has two names in {folder}"));
            }
        }
    }

    /// <summary>Beside mboxes lies nothing but lock files and drafts of them, which the next writer finds to be left over.</summary>
    private static void CheckMboxes(string account, List<string> broken)
    {
        string mail = Path.Combine(account, "mail"), side = Path.Combine(account, "mbox");
        foreach (string name in Directory.Exists(mail) ? Directory.GetFileSystemEntries(mail).Select(static e => Path.GetFileName(e)!) : [])
        {
            if (name[0] == '.' && !name.EndsWith(".lock", StringComparison.Ordinal))
                broken.Add($"left in mail: {name}");
        }

        foreach (string file in Directory.Exists(side) ? Directory.GetFiles(side, "*", SearchOption.AllDirectories) : [])
        {
            if (Path.GetFileName(file) is not ("append" or "map" or UidListFile.Name))
                broken.Add($"left in mbox: {file}");
        }
    }

    private static bool Same(List<Sighting> left, List<Sighting> right)
        => left.Count == right.Count && left.OrderBy(static s => s.ToString(), StringComparer.Ordinal).SequenceEqual(right.OrderBy(static s => s.ToString(), StringComparer.Ordinal));

    private static string Show(List<Sighting> sightings) => $"[{string.Join(", ", sightings.Select(static s => $"{s.Mailbox} {s.Looks} {s.Keywords}"))}]";
}
