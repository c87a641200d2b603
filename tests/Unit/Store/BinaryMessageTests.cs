using System.Text;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store;

/// <summary>Messages with NUL come out of the store as they went in, once their base64 is undone.</summary>
public sealed class BinaryMessageTests
{
    private const string Outer = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";

    private static CancellationToken Ct => TempStore.Ct;

    [Theory]
    [InlineData(300, 1 << 20)]
    [InlineData(300_000, 1 << 20)]
    [InlineData(300_000, 4096)]
    public async Task Parts_with_nul_are_base64_and_hold_the_same(int length, int inMemory)
    {
        await using TempStore temp = new();
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++)
            content[i] = (byte)(i * 7);
        byte[] message =
        [
            .. Encoding.ASCII.GetBytes(Outer + "--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n"),
            .. content, .. Encoding.ASCII.GetBytes("\r\n--b\r\nContent-Type: text/plain\r\n\r\nlast\r\n--b--\r\n"),
        ];
        using MailboxView view = await AppendAsync(temp, message, inMemory);
        (MimeMessage structure, byte[] wire) = await ReadAsync(view);
        Assert.Equal(["7bit", "base64", "7bit"], structure.Root.Children.Select(static part => part.TransferEncoding));
        Assert.DoesNotContain((byte)0, wire);
        Assert.Equal(content, Decode(structure.Root.Children[1], wire));
        Assert.Equal("last", Encoding.ASCII.GetString(Decode(structure.Root.Children[2], wire)));
    }

    [Fact]
    public async Task Without_nul_a_message_stays_as_it_is()
    {
        await using TempStore temp = new();
        byte[] message = Encoding.ASCII.GetBytes(Outer + "--b\r\nContent-Transfer-Encoding: binary\r\n\r\nx\r\n--b--\r\n");
        using MailboxView view = await AppendAsync(temp, message, 1 << 20);
        Assert.Equal(message, (await ReadAsync(view)).Wire);
    }

    [Theory]
    [InlineData("Subject: \0\r\n\r\nx")]
    [InlineData(Outer + "pre\0amble\r\n--b\r\n\r\nx\r\n--b--\r\n")]
    [InlineData("Content-Transfer-Encoding: base64\r\n\r\nAAAA\0")]
    [InlineData("Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin\0")]
    public async Task Nul_elsewhere_is_refused(string message)
    {
        await using TempStore temp = new();
        await using StagedMessage staged = temp.Store.Stage();
        await using BinaryMessage binary = temp.Store.StageBinary(4096);
        await binary.WriteAsync(Encoding.ASCII.GetBytes(message), Ct);
        Assert.False(await binary.WriteToAsync(staged, Ct));
    }

    private static async Task<MailboxView> AppendAsync(TempStore temp, byte[] message, int inMemory)
    {
        Account account = await temp.AccountAsync();
        await using BinaryMessage binary = temp.Store.StageBinary(inMemory);
        foreach (byte[] piece in message.Chunk(1000))
            await binary.WriteAsync(piece, Ct);
        await using StagedMessage staged = temp.Store.Stage();
        Assert.True(await binary.WriteToAsync(staged, Ct));
        await staged.CompleteAsync(Ct);
        Assert.True((await account.AppendAsync(MailboxName.Inbox, staged, MessageFlags.None, null, Ct)).Ok);
        return (await account.OpenAsync(MailboxName.Inbox, readOnly: true, Ct)).Value;
    }

    private static async Task<(MimeMessage Structure, byte[] Wire)> ReadAsync(MailboxView view)
    {
        await using MessageContent content = (await view.OpenMessageAsync(view.UidOf(1), Ct)).Value;
        using MemoryStream wire = new();
        await using (WireStream stream = content.OpenWire())
            await stream.CopyToAsync(wire, Ct);
        MessageParser parser = new();
        parser.Push(wire.ToArray());
        return (parser.Complete(), wire.ToArray());
    }

    private static byte[] Decode(MimePart part, byte[] wire)
    {
        using MemoryStream body = new(wire, (int)part.BodyOffset, (int)(part.EndOffset - part.BodyOffset));
        using Stream decoded = BodyText.DecodeTransfer(body, part.TransferEncoding);
        using MemoryStream octets = new();
        decoded.CopyTo(octets);
        return octets.ToArray();
    }
}
