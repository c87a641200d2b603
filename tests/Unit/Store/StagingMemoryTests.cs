using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>Messages on their way in share what memory there is for them: those that come when it is taken wait in files, and lose nothing by it.</summary>
public sealed class StagingMemoryTests
{
    private const int Messages = 50;
    private const int Octets = 900 * 1024;
    private const int MostInMemory = 32 << 20;

    private static CancellationToken Ct => TempStore.Ct;

    [Fact]
    public async Task Many_messages_at_once_wait_in_files_where_few_wait_in_memory()
    {
        await using TempStore temp = new();
        byte[] mail = TempStore.Mail("large", string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", Octets / 100)));
        List<StagedMessage> staged = [];
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < Messages; i++)
            {
                staged.Add(temp.Store.Stage());
                foreach (byte[] piece in mail.Chunk(10_000))
                    await staged[^1].WriteAsync(piece, Ct);
                await staged[^1].CompleteAsync(Ct);
            }

            int inFiles = Directory.GetFiles(Path.Combine(temp.Root, ".staging")).Length;
            Assert.InRange(Messages - inFiles, 1, MostInMemory / Octets + 1); // also in the second round: what was taken has been given back
            Account account = await temp.AccountAsync();
            foreach (StagedMessage message in (StagedMessage[])[staged[0], staged[^1]])
                Assert.True((await account.AppendAsync(MailboxName.Inbox, message, MessageFlags.None, null, Ct)).Ok);
            foreach (StagedMessage message in staged)
                await message.DisposeAsync();
            staged.Clear();
        }

        using MailboxView view = (await (await temp.AccountAsync()).OpenAsync(MailboxName.Inbox, readOnly: true, Ct)).Value;
        for (int number = 1; number <= 4; number++)
        {
            await using MessageContent content = (await view.OpenMessageAsync(view.UidOf(number), Ct)).Value;
            await using WireStream stream = content.OpenWire();
            using MemoryStream wire = new();
            await stream.CopyToAsync(wire, Ct);
            Assert.Equal(mail, wire.ToArray());
        }
    }
}
