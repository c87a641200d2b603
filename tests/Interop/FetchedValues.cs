using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness.Clients;

namespace FullStack.Interop;

/// <summary>FETCH responses taken apart, so that those of two servers can be compared: quoted strings and literals are the same.</summary>
internal static class FetchedValues
{
    /// <summary>Fetches items of one message.</summary>
    /// <param name="client">Whom it asks.</param>
    /// <param name="number">The message.</param>
    /// <param name="items">What of it.</param>
    /// <param name="mayRefuse">Whether NO is an answer, with nothing told.</param>
    /// <returns>The values by their items' names.</returns>
    public static async Task<Dictionary<string, string>> FetchAsync(LineClient client, int number, string items, bool mayRefuse = false)
    {
        await client.SendLineAsync($"f FETCH {number} ({items})");
        StringBuilder response = new();
        while (true)
        {
            string line = await client.ReadLineAsync() ?? throw new IOException("the server closed");
            if (line.StartsWith("f ", StringComparison.Ordinal))
            {
                if (mayRefuse && line.StartsWith("f NO", StringComparison.Ordinal))
                    return [];
                Assert.StartsWith("f OK", line, StringComparison.Ordinal);
                break;
            }

            response.Append(line);
            if (Regex.Match(line, @"\{(\d+)\}$") is { Success: true } literal)
                response.Append("\r\n").Append(await client.ReadOctetsAsync(int.Parse(literal.Groups[1].Value)));
        }

        string prefix = $"* {number} FETCH (";
        Assert.StartsWith(prefix, response.ToString(), StringComparison.Ordinal);
        return Items(response.ToString(), prefix.Length);
    }

    private static Dictionary<string, string> Items(string text, int at)
    {
        Dictionary<string, string> items = new(StringComparer.OrdinalIgnoreCase);
        while (text[at] != ')')
        {
            int start = at;
            bool inSection = false;
            for (; inSection || text[at] != ' '; at++)
                inSection = (inSection || text[at] == '[') && text[at] != ']';
            string name = text[start..at];
            at++;
            items.Add(name, Value(text, ref at));
            if (text[at] == ' ')
                at++;
        }

        return items;
    }

    /// <summary>A value in one spelling: strings as <c>"…"</c> with nothing escaped but <c>"</c> and <c>\</c>, lists with single spaces.</summary>
    private static string Value(string text, ref int at)
    {
        if (text[at] == '(')
            return List(text, ref at);
        if (text[at] == '"')
            return Quoted(text, ref at);
        if (text[at] == '~')
            at++; // a literal8
        if (text[at] == '{')
        {
            int end = text.IndexOf("}\r\n", at, StringComparison.Ordinal);
            int length = int.Parse(text[(at + 1)..end]);
            at = end + 3 + length;
            return Spelled(text.Substring(end + 3, length));
        }

        int start = at;
        while (text[at] is not (' ' or ')'))
            at++;
        return text[start..at];
    }

    private static string List(string text, ref int at)
    {
        List<string> values = [];
        for (at++; text[at] != ')';)
        {
            values.Add(Value(text, ref at));
            if (text[at] == ' ')
                at++;
        }

        at++;
        return "(" + string.Join(' ', values) + ")";
    }

    private static string Quoted(string text, ref int at)
    {
        StringBuilder plain = new();
        for (at++; text[at] != '"'; at++)
        {
            if (text[at] == '\\')
                at++;
            plain.Append(text[at]);
        }

        at++;
        return Spelled(plain.ToString());
    }

    private static string Spelled(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
}
