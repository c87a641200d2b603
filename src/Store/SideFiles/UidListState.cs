using System.Buffers;
using System.Text;
using FullStack.Store.Posix;
using FullStack.Store.Takeover;
using System.Buffers.Text;

namespace FullStack.Store.SideFiles;

/// <summary>What a list of UIDs says of its mailbox as a whole; the last such line of the file counts.</summary>
/// <param name="UidValidity">The mailbox's UIDVALIDITY.</param>
/// <param name="UidNext">No UID from here on was given out.</param>
/// <param name="ModSeq">No mod-sequence above it was given out.</param>
/// <param name="ObjectId">The mailbox's id (RFC 8474 §4).</param>
/// <param name="Self">Which file the line was written into: a copy, or what came back from a backup, is another.</param>
/// <param name="WrittenSeconds">When the line was written, Unix time.</param>
/// <param name="Lines">How many lines the file had then, stale ones included.</param>
/// <param name="IsClosed">The mailbox was closed in order: all is in the file, and the two bounds are exact.</param>
/// <param name="IsFormer">The UIDVALIDITY is a former server's, and other mailboxes of the account may have the same.</param>
internal sealed record UidListState(
    uint UidValidity, uint UidNext, ulong ModSeq, string ObjectId, FileIdentity Self, long WrittenSeconds, int Lines, bool IsClosed, bool IsFormer)
{
    /// <summary>Letter that begins the line's text.</summary>
    public const byte Mark = (byte)'@';

    private const int MaxObjectIdOctets = 64;

    /// <summary><c>@ V1795289224 N3001 M20001 I0f3a... X131 B1795289224331000000 T1795289851 L17 C F</c></summary>
    public void Write(IBufferWriter<byte> target)
    {
        ArrayBufferWriter<byte> text = new(128);
        text.Write([Mark]);
        SideLine.AppendField(text, 'V', UidValidity);
        SideLine.AppendField(text, 'N', UidNext);
        SideLine.AppendField(text, 'M', ModSeq);
        SideLine.Append(text, $" I{ObjectId}");
        SideLine.AppendField(text, 'X', Self.Inode);
        if (Self.Born != 0)
            SideLine.AppendField(text, 'B', Self.Born);
        SideLine.AppendField(text, 'T', (ulong)Math.Max(WrittenSeconds, 0));
        SideLine.AppendField(text, 'L', (ulong)Lines);
        if (IsClosed)
            SideLine.Append(text, " C");
        if (IsFormer)
            SideLine.Append(text, " F");
        SideLine.Write(target, text.WrittenSpan);
    }

    /// <summary>Reads a line's text; null where it is no such line, or not a sound one.</summary>
    public static UidListState? Parse(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != Mark)
            return null;
        UidListState state = new(0, 0, 0, "", default, 0, 0, false, false);
        _ = Words.Take(ref text);
        while (!text.IsEmpty)
        {
            ReadOnlySpan<byte> field = Words.Take(ref text);
            if (field.IsEmpty)
                return null;
            bool isNumber = Utf8Parser.TryParse(field[1..], out ulong number, out int used) && used == field.Length - 1;
            switch (field[0])
            {
                case (byte)'V' when isNumber && number <= uint.MaxValue:
                    state = state with { UidValidity = (uint)number };
                    break;
                case (byte)'N' when isNumber && number <= uint.MaxValue:
                    state = state with { UidNext = (uint)number };
                    break;
                case (byte)'M' when isNumber && number <= long.MaxValue:
                    state = state with { ModSeq = number };
                    break;
                case (byte)'I' when field.Length is > 1 and <= MaxObjectIdOctets:
                    state = state with { ObjectId = Encoding.ASCII.GetString(field[1..]) };
                    break;
                case (byte)'X' when isNumber:
                    state = state with { Self = state.Self with { Inode = number } };
                    break;
                case (byte)'B' when isNumber:
                    state = state with { Self = state.Self with { Born = number } };
                    break;
                case (byte)'T' when isNumber && number <= long.MaxValue:
                    state = state with { WrittenSeconds = (long)number };
                    break;
                case (byte)'L' when isNumber && number <= int.MaxValue:
                    state = state with { Lines = (int)number };
                    break;
                case (byte)'C':
                    state = state with { IsClosed = true };
                    break;
                case (byte)'F':
                    state = state with { IsFormer = true };
                    break;
            }
        }

        return state is { UidValidity: > 0, UidNext: > 0, ModSeq: > 0, ObjectId.Length: > 0 } ? state : null;
    }
}
