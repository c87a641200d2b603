using System.Globalization;
using System.Net;
using System.Text;

namespace FullStack.Mime;

/// <summary>Leaves of a piece of HTML what a reader would see as words. It knows no layout, and never fails on any input.</summary>
internal static class HtmlWords
{
    /// <summary>Elements whose content is not shown as text. Not the head as a whole, for many never end theirs.</summary>
    private static readonly string[] Hidden = ["style", "script", "title"];

    public static string Of(ReadOnlySpan<char> html)
    {
        StringBuilder words = new(html.Length);
        while (!html.IsEmpty)
        {
            int open = html.IndexOf('<');
            words.Append(open < 0 ? html : html[..open]);
            if (open < 0)
                break;
            if (PartsWords(html[(open + 1)..]))
                words.Append(' ');
            html = AfterMarkup(html[open..]);
        }

        return WebUtility.HtmlDecode(words.ToString());
    }

    /// <summary>Whether words before and after a tag are two. A tag that is not known, or a comment, may stand in the middle of one.</summary>
    private static bool PartsWords(ReadOnlySpan<char> tag)
    {
        if (tag is ['/', ..])
            tag = tag[1..];
        int length = 0;
        while (length < tag.Length && char.IsAsciiLetterOrDigit(tag[length]))
            length++;
        return HtmlText.PartsWords(tag[..length].ToString().ToLowerInvariant());
    }

    /// <summary>What follows a tag, a comment, or an element that is not shown.</summary>
    private static ReadOnlySpan<char> AfterMarkup(ReadOnlySpan<char> html)
    {
        if (html.StartsWith("<!--", StringComparison.Ordinal))
            return After(html, "-->");
        foreach (string name in Hidden)
        {
            if (html.Length > name.Length + 1 && html[1..].StartsWith(name, StringComparison.OrdinalIgnoreCase) && !char.IsAsciiLetterOrDigit(html[name.Length + 1]))
                return After(After(html, string.Create(CultureInfo.InvariantCulture, $"</{name}")), ">");
        }

        return After(html, ">");
    }

    private static ReadOnlySpan<char> After(ReadOnlySpan<char> html, string end)
        => html.IndexOf(end, StringComparison.OrdinalIgnoreCase) is var at and >= 0 ? html[(at + end.Length)..] : default;
}
