using System.Text;

namespace FullStack.Mime;

/// <summary>The collation i;unicode-casemap: each code point titlecased, then decomposed.</summary>
/// <remarks>RFC 5051 §2. Lone surrogates stay as they are. A fold of one UTF-16 unit, as nearly all are, comes from a table.</remarks>
internal static class UnicodeCasemap
{
    /// <summary>Longest fold of one code point, in UTF-16 units: U+FDFA takes 18.</summary>
    public const int LongestFold = 18;

    /// <summary>Text is folded in slices of at most so many units, so that room for the longest folds stays small.</summary>
    public const int SliceUnits = 1024;

    private const char Several = '\0';
    private static readonly Lazy<char[]> Singles = new(MakeSingles);
    private static readonly Lazy<string> LazyVersion = new(MakeVersion);

    /// <summary>Differs where the fold of a character of the Basic Multilingual Plane that becomes one unit differs, or the runtime's version.</summary>
    public static string Version => LazyVersion.Value;

    /// <summary>Folds a whole text.</summary>
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
            return text.ToUpperInvariant();
        StringBuilder folded = new(text.Length);
        char[] room = System.Buffers.ArrayPool<char>.Shared.Rent(SliceUnits * LongestFold);
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            ReadOnlySpan<char> slice = NextSlice(rest);
            folded.Append(room, 0, Fold(slice, room));
            rest = rest[slice.Length..];
        }

        System.Buffers.ArrayPool<char>.Shared.Return(room);
        return folded.ToString();
    }

    /// <summary>The beginning of a text, at most <see cref="SliceUnits"/> long, that cuts no surrogate pair.</summary>
    public static ReadOnlySpan<char> NextSlice(ReadOnlySpan<char> text)
    {
        if (text.Length <= SliceUnits)
            return text;
        return text[..(char.IsHighSurrogate(text[SliceUnits - 1]) ? SliceUnits - 1 : SliceUnits)];
    }

    /// <summary>Folds text; a surrogate pair must not be cut. Gives the units written, at most <see cref="LongestFold"/> for each.</summary>
    public static int Fold(ReadOnlySpan<char> text, Span<char> folded)
    {
        if (Ascii.IsValid(text))
        {
            Ascii.ToUpper(text, folded, out int upper);
            return upper;
        }

        char[] singles = Singles.Value;
        int written = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char unit = text[i];
            if (unit < 0x80)
            {
                folded[written++] = char.IsAsciiLetterLower(unit) ? (char)(unit - 0x20) : unit;
                continue;
            }

            char single = singles[unit];
            if (single != Several)
                folded[written++] = single;
            else
                written += FoldSeveral(text, ref i, folded[written..]);
        }

        return written;
    }

    private static int FoldSeveral(ReadOnlySpan<char> text, ref int at, Span<char> folded)
    {
        if (Rune.DecodeFromUtf16(text[at..], out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
        {
            folded[0] = text[at];
            return 1;
        }

        at += used - 1;
        string fold = Fold(rune);
        fold.CopyTo(folded);
        return fold.Length;
    }

    private static string Fold(Rune rune)
    {
        // Normalize refuses noncharacters, which have no properties anyway.
        bool isNoncharacter = (rune.Value & 0xFFFE) == 0xFFFE;
        return isNoncharacter ? rune.ToString() : Titlecase(rune).ToString().Normalize(NormalizationForm.FormKD);
    }

    private static Rune Titlecase(Rune rune) => rune.Value switch
    {
        >= 0x1C4 and <= 0x1C6 => new Rune(0x1C5),
        >= 0x1C7 and <= 0x1C9 => new Rune(0x1C8),
        >= 0x1CA and <= 0x1CC => new Rune(0x1CB),
        >= 0x1F1 and <= 0x1F3 => new Rune(0x1F2),
        >= 0x10D0 and <= 0x10FF => rune, // Georgian has capitals but no titlecase.
        _ => Rune.ToUpperInvariant(rune),
    };

    private static string MakeVersion()
    {
        byte[] hash = System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(Singles.Value.AsSpan()));
        return $"{Environment.Version.Major}.{Environment.Version.Minor}-{Convert.ToHexStringLower(hash.AsSpan(0, 8))}";
    }

    private static char[] MakeSingles()
    {
        char[] singles = new char[0x10000];
        for (int unit = 0x80; unit < singles.Length; unit++)
        {
            if (!Rune.TryCreate(unit, out Rune rune))
                continue;
            string fold = Fold(rune);
            singles[unit] = fold.Length == 1 ? fold[0] : Several;
        }

        return singles;
    }
}
