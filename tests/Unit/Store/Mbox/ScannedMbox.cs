using System.Text;
using FullStack.Store;
using FullStack.Store.Mbox;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Unit.Store.Mbox;

/// <summary>An mbox given as text, as the scanner finds it and as its messages read.</summary>
internal sealed class ScannedMbox
{
    private static readonly PosixFiles Files = new(SyncMode.None);

    private ScannedMbox(List<MboxMessage> messages, bool isDamaged) => (Messages, IsDamaged) = (messages, isDamaged);

    public List<MboxMessage> Messages { get; }
    public bool IsDamaged { get; }

    /// <summary>The messages as they read, with <c>\n</c> for line ends.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>All that was found, to compare.</summary>
    public string Description => string.Join('\n', Messages.Select(static m =>
        $"{m.Offset} {m.HeaderOffset} {m.HeaderEnd} {m.BodyOffset} {m.End} {m.Next} wire {m.WireOctets} quoted {m.QuotedLines} text {m.TextOctets} {m.Date:u} {m.Token} {m.IsInternal} "
        + string.Join(' ', m.Fields.Select(static f => $"{f.Field}@{f.Offset}+{f.Octets}/{f.ValueOffset}+{f.ValueOctets}={Encoding.UTF8.GetString(f.Value)}")))) + IsDamaged;

    public static byte[] Octets(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>Scans octets in pieces.</summary>
    /// <param name="octets">The file.</param>
    /// <param name="cuts">Where the pieces end.</param>
    public static (List<MboxMessage> Messages, bool IsDamaged) Scan(byte[] octets, params int[] cuts)
    {
        List<MboxMessage> messages = [];
        using MboxScanner scanner = new(0, at => MboxBoundary.IsBoundary(octets.AsSpan((int)Math.Min(at, octets.Length)), atEnd: true) && at <= octets.Length, messages.Add);
        int from = 0;
        foreach (int cut in cuts.Append(octets.Length))
        {
            scanner.Push(octets.AsSpan(from, cut - from));
            from = cut;
        }

        scanner.Complete();
        return (messages, scanner.IsDamaged);
    }

    public static ScannedMbox Of(string text) => Of(Octets(text));

    public static ScannedMbox Of(byte[] octets, params int[] cuts)
    {
        (List<MboxMessage> messages, bool isDamaged) = Scan(octets, cuts);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, octets);
            using SafeFileHandle file = File.OpenHandle(path);
            return new(messages, isDamaged) { Texts = [.. messages.Select(m => Read(file, m, 64 * 1024))] };
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static string Read(SafeFileHandle file, MboxMessage message, int piece)
    {
        MboxContent content = new(Files, file, message);
        byte[] whole = new byte[content.Octets];
        int at = 0;
        while (at < whole.Length)
        {
            Assert.Equal(FileError.None, content.Read(whole.AsSpan(at, Math.Min(piece, whole.Length - at)), at, out int count));
            Assert.NotEqual(0, count);
            at += count;
        }

        Assert.Equal(FileError.None, content.Read(new byte[1], at, out int beyond));
        Assert.Equal(0, beyond);
        return Encoding.Latin1.GetString(whole);
    }
}
