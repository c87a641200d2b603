using System.Buffers.Text;
using System.Globalization;
using System.Text;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Mbox;

/// <summary>What the metadata fields of a message say.</summary>
/// <param name="System">System flags.</param>
/// <param name="Keywords">Keywords, as written.</param>
/// <param name="IsOld">A mail program has seen the message before: it is not \Recent.</param>
/// <param name="Uid">The UID; 0 where none is given.</param>
internal sealed record MboxFlags(SystemFlags System, IReadOnlyList<string> Keywords, bool IsOld, uint Uid)
{
    private const int MaxKeywordOctets = 255;

    /// <summary>Room that a field gets for its value, so that later changes need not move anything.</summary>
    private const int StatusRoom = 3, XStatusRoom = 5, KeywordsRoom = 64, UidRoom = 11;

    private static readonly (byte Letter, SystemFlags Flag)[] Letters =
    [
        ((byte)'A', SystemFlags.Answered), ((byte)'F', SystemFlags.Flagged), ((byte)'T', SystemFlags.Draft), ((byte)'D', SystemFlags.Deleted),
    ];

    public static MboxFlags Read(IReadOnlyList<MboxFieldPlace> fields)
    {
        SystemFlags system = SystemFlags.None;
        bool isOld = false;
        uint uid = 0;
        IReadOnlyList<string> keywords = [];
        foreach (MboxFieldPlace field in fields)
        {
            switch (field.Field)
            {
                case MboxField.Status:
                    isOld = field.Value.Contains((byte)'O');
                    system = system & ~SystemFlags.Seen | (field.Value.Contains((byte)'R') ? SystemFlags.Seen : SystemFlags.None);
                    break;
                case MboxField.XStatus:
                    system &= SystemFlags.Seen;
                    foreach ((byte letter, SystemFlags flag) in Letters)
                        system |= field.Value.Contains(letter) ? flag : SystemFlags.None;
                    break;
                case MboxField.XUid:
                    uid = Utf8Parser.TryParse(field.Value, out uint value, out int used) && used == field.Value.Length ? value : 0;
                    break;
                case MboxField.XKeywords:
                    keywords = ReadKeywords(field.Value);
                    break;
            }
        }

        return new(system, keywords, isOld, uid);
    }

    /// <summary>The fields of a message, with room to change in place.</summary>
    /// <param name="id">What tells it from its copies; empty where nothing does.</param>
    public byte[] Format(ReadOnlySpan<byte> id)
    {
        List<byte> block = [];
        if (!id.IsEmpty)
            Add(MboxField.Id, id.ToArray(), 0);
        Add(MboxField.XUid, Value(MboxField.XUid)!, UidRoom);
        Add(MboxField.Status, Value(MboxField.Status)!, StatusRoom);
        Add(MboxField.XStatus, Value(MboxField.XStatus)!, XStatusRoom);
        Add(MboxField.XKeywords, Value(MboxField.XKeywords)!, KeywordsRoom);
        return [.. block];

        void Add(MboxField field, byte[] value, int room)
        {
            block.AddRange(MboxFieldNames.Of(field));
            block.AddRange(": "u8);
            block.AddRange(value);
            for (int i = value.Length + 1; i < room; i++)
                block.Add((byte)' ');
            block.Add((byte)'\n');
        }
    }

    /// <summary>What a field should say; null where it is none of a message's own.</summary>
    public byte[]? Value(MboxField field) => field switch
    {
        MboxField.Status => [.. System.HasFlag(SystemFlags.Seen) ? "R"u8 : [], .. IsOld ? "O"u8 : []],
        MboxField.XStatus => [.. Letters.Where(l => System.HasFlag(l.Flag)).Select(static l => l.Letter)],
        MboxField.XKeywords => Encoding.UTF8.GetBytes(string.Join(' ', Keywords)),
        MboxField.XUid => Uid == 0 ? [] : Encoding.ASCII.GetBytes(Uid.ToString(CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static List<string> ReadKeywords(ReadOnlySpan<byte> value)
    {
        List<string> keywords = [];
        foreach (Range range in value.SplitAny((byte)' ', (byte)'\t'))
        {
            ReadOnlySpan<byte> word = value[range];
            if (IsKeyword(word) && Encoding.ASCII.GetString(word) is var keyword && !keywords.Contains(keyword, StringComparer.OrdinalIgnoreCase))
                keywords.Add(keyword);
        }

        return keywords;
    }

    /// <summary>An atom (RFC 9051 §9), which is all that can go over IMAP.</summary>
    private static bool IsKeyword(ReadOnlySpan<byte> word)
        => word.Length is > 0 and <= MaxKeywordOctets && !word.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E)
            && !word.ContainsAny("(){%*\"\\]"u8);
}
