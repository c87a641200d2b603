using System.Text;
using FullStack.Harness;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>Messages that are read together are what they are one by one, whatever other programs made of their files.</summary>
public sealed class ReadTogetherTests
{
    private const int Large = 100_000;

    [Fact]
    public async Task Files_of_another_length_than_their_names_say_are_read_as_they_are()
    {
        await using TempStore temp = new();
        Account account = await temp.AccountAsync();
        foreach (string subject in (string[])["same", "longer", "shorter", "renamed", "gone", "link"])
            await temp.AppendAsync(account, "INBOX", subject);
        await using (StagedMessage large = await temp.StageAsync(TempStore.Mail("large", new string('y', Large) + "\r\n")))
            Assert.True((await account.AppendAsync(MailboxName.Inbox, large, MessageFlags.None, null, TempStore.Ct)).Ok);
        using MailboxView view = await TempStore.OpenAsync(account);
        await MaildirFiles.SettledAsync(temp.Maildir(), TempStore.Ct); // Else a file is moved while it is changed, and two have its name.
        Mailbox mailbox = account.Mailboxes.Opened(MailboxName.Inbox)!;
        MessageContent?[] contents;
        byte[] longer = Encoding.ASCII.GetBytes("Subject: longer\n\n" + new string('x', 5000) + "\n"), shorter = "Subject: s\n\n"u8.ToArray(), linked;
        using (await mailbox.EnterAsync(TempStore.Ct)) // So that the watch takes nothing over meanwhile: not even that a file is gone before there is a link in its place.
        {
            await File.WriteAllBytesAsync(PathOf(temp, "longer"), longer, TempStore.Ct);
            await File.WriteAllBytesAsync(PathOf(temp, "shorter"), shorter, TempStore.Ct);
            string renamed = PathOf(temp, "renamed");
            File.Move(renamed, renamed + "F");
            File.Delete(PathOf(temp, "gone"));
            string link = PathOf(temp, "link"), target = Path.Combine(temp.Root, "target");
            linked = await File.ReadAllBytesAsync(link, TempStore.Ct);
            File.Move(link, target);
            File.CreateSymbolicLink(link, target);
            contents = await view.OpenMessagesAsync([.. Enumerable.Range(1, 7).Select(view.UidOf)], TempStore.Ct);
        }

        Assert.Contains("Subject: same", Stored(contents[0]), StringComparison.Ordinal);
        Assert.Equal(Encoding.ASCII.GetString(longer), Stored(contents[1]));
        Assert.Equal(Encoding.ASCII.GetString(shorter), Stored(contents[2]));
        Assert.Contains("Subject: renamed", Stored(contents[3]), StringComparison.Ordinal);
        Assert.Null(contents[4]);
        Assert.Equal(Encoding.ASCII.GetString(linked), Stored(contents[5]));
        Assert.False(contents[6]!.TryGetStored(out _), "a large message is not held whole");
        Assert.InRange(contents[6]!.StoredOctets, Large, 2 * Large);
        foreach (MessageContent? content in contents)
            content?.Dispose();
    }

    [Fact]
    public async Task Messages_of_another_program_are_parsed_together_and_their_sizes_put_right()
    {
        const int Messages = 150; // More than are parsed at once.
        await using TempStore temp = new();
        string cur = Directory.CreateDirectory(Path.Combine(temp.Maildir(), "cur")).FullName;
        long[] sizes = new long[Messages];
        for (int i = 0; i < Messages; i++)
        {
            byte[] mail = Encoding.ASCII.GetBytes($"From: a@example.test\nSubject: s{i}\n\n{new string('x', i % 50 == 7 ? Large : i)}\n");
            sizes[i] = mail.Length + 4;
            (int storedBy, int wireBy) = (i % 3, i % 4);
            await File.WriteAllBytesAsync(Path.Combine(cur, $"{1_700_000_000 + i}.M{i}.there,S={mail.Length + storedBy},W={sizes[i] + wireBy}:2,S"), mail, TempStore.Ct);
        }

        Account account = await temp.AccountAsync();
        using MailboxView view = await TempStore.OpenAsync(account);
        Mailbox mailbox = account.Mailboxes.Opened(MailboxName.Inbox)!;
        Uid[] uids = [.. Enumerable.Range(1, Messages).Select(view.UidOf)];
        Assert.Equal(Messages, view.Count);
        string[] subjects = [.. Enumerable.Range(0, Messages).Select(static i => $"s{i}")];
        Assert.Equal(subjects, await SubjectsAsync(view, uids));
        Assert.Equal(sizes, Enumerable.Range(1, Messages).Select(number => view.Entry(number)!.WireOctets));
        await mailbox.Index.FlushAsync(durable: false, TempStore.Ct);
        using (await mailbox.EnterAsync(TempStore.Ct)) // So that the watch does not take over that they are gone.
        {
            Array.ForEach(Directory.GetFiles(cur), File.Delete);
            Assert.Equal(subjects, await SubjectsAsync(view, uids));
        }
    }

    [Fact]
    public void A_reader_counts_for_a_second()
    {
        ManualTimeProvider time = new();
        ReadersAtWork readers = new(time);
        Assert.False(readers.Any);
        readers.Note();
        Assert.True(readers.Any);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(readers.Any);
    }

    private static async Task<string[]> SubjectsAsync(MailboxView view, Uid[] uids)
    {
        List<string> subjects = [];
        await foreach ((_, MessageEnvelope envelope) in view.EnvelopesAsync(uids, addresses: true, TempStore.Ct))
            subjects.Add(Encoding.ASCII.GetString(envelope.Subject!.Value.Span));
        return [.. subjects];
    }

    private static string PathOf(TempStore temp, string subject)
        => Assert.Single(
            MaildirFiles.In(temp.Maildir()), file => File.ReadAllText(file).Contains($"Subject: {subject}\n", StringComparison.Ordinal));

    private static string Stored(MessageContent? content)
    {
        Assert.True(content!.TryGetStored(out ReadOnlySpan<byte> stored));
        return Encoding.ASCII.GetString(stored);
    }
}
