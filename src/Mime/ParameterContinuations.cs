using System.Globalization;
using System.Text;

namespace FullStack.Mime;

/// <summary>Joins RFC 2231 §3 continuations, as §6 asks of BODYSTRUCTURE.</summary>
internal static class ParameterContinuations
{
    /// <summary>
    /// Replaces the pieces of each parameter by one, behind the others. Pieces may come in any order; those behind a gap, and
    /// pieces without a first one, stay as written.
    /// </summary>
    public static List<MimeParameter> Join(List<MimeParameter> parameters)
    {
        List<MimeParameter> plain = [];
        List<Piece> pieces = [];
        foreach (MimeParameter parameter in parameters)
        {
            if (Piece.TryRead(parameter, out Piece piece))
                pieces.Add(piece);
            else
                plain.Add(parameter);
        }

        // A stable order, so that of two pieces with one number the first is taken.
        pieces = [.. pieces.OrderBy(piece => piece.Name, StringComparer.OrdinalIgnoreCase).ThenBy(piece => piece.Number)];
        for (int i = 0; i < pieces.Count;)
            i = JoinRun(pieces, i, plain);
        return plain;
    }

    private static int JoinRun(List<Piece> pieces, int first, List<MimeParameter> joined)
    {
        int end = first;
        int next = 0;
        bool extended = false;
        while (end < pieces.Count && pieces[end].Number <= next
            && pieces[end].Name.Equals(pieces[first].Name, StringComparison.OrdinalIgnoreCase))
        {
            extended |= pieces[end].Extended;
            next = Math.Max(next, pieces[end].Number + 1);
            end++;
        }

        if (end == first)
        {
            joined.Add(pieces[first].Parameter);
            return first + 1;
        }

        StringBuilder value = new(extended && !pieces[first].Extended ? "''" : "");
        for (int i = first; i < end; i++)
        {
            if (i > first && pieces[i].Number == pieces[i - 1].Number)
                continue;
            // A plain piece among extended ones holds no percent signs to decode: write those it has as %25.
            value.Append(extended && !pieces[i].Extended ? pieces[i].Parameter.Value.Replace("%", "%25", StringComparison.Ordinal) : pieces[i].Parameter.Value);
        }

        joined.Add(new MimeParameter(extended ? pieces[first].Name + "*" : pieces[first].Name, value.ToString()));
        return end;
    }

    /// <summary><c>name*number</c> or, where percent signs are to be decoded, <c>name*number*</c>.</summary>
    private readonly record struct Piece(string Name, int Number, bool Extended, MimeParameter Parameter)
    {
        public static bool TryRead(MimeParameter parameter, out Piece piece)
        {
            piece = default;
            ReadOnlySpan<char> name = parameter.Name;
            bool extended = name.EndsWith("*");
            if (extended)
                name = name[..^1];
            int star = name.LastIndexOf('*');
            if (star <= 0 || name.Length - star > 5
                || !ushort.TryParse(name[(star + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
                return false;

            piece = new Piece(name[..star].ToString(), number, extended, parameter);
            return true;
        }
    }
}
