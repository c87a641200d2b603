using System.Text;

namespace FullStack.Auth.Backends.Sql;

/// <summary>An SQL statement with parts of an address in it, which are always bound as parameters and never become part of its text.</summary>
/// <remarks>
/// The variables are those of <see cref="AddressTemplate"/>. Configurations of Dovecot put them between quotes, because there they are pasted: a string in
/// quotes that has variables becomes one parameter, whatever else is in it. Outside of quotes each variable is a parameter.
/// </remarks>
internal sealed class QueryTemplate
{
    private readonly List<AddressTemplate> _parameters;

    private QueryTemplate(string text, List<AddressTemplate> parameters) => (Text, _parameters) = (text, parameters);

    /// <summary>The statement, with <c>@p0</c>, <c>@p1</c> … for its parameters.</summary>
    public string Text { get; }

    /// <exception cref="FormatException">A variable is unknown, or stands where no parameter can; a quote does not end.</exception>
    public static QueryTemplate Parse(string sql)
    {
        StringBuilder text = new();
        List<AddressTemplate> parameters = [];
        for (int i = 0; i < sql.Length; i++)
        {
            switch (sql[i])
            {
                case '\'':
                    int end = EndOfString(sql, i);
                    AddString(sql[i..(end + 1)]);
                    i = end;
                    break;
                case '"' or '`':
                    int close = sql.IndexOf(sql[i], i + 1);
                    if (close < 0 || AddressTemplate.ReadVariable(sql.AsSpan(sql.IndexOf('%', i) is var at and >= 0 && at < close ? at : close)).Length > 0)
                        throw new FormatException($"a name in {sql[i]} does not end, or has a variable in it");
                    text.Append(sql, i, close + 1 - i);
                    i = close;
                    break;
                case '%' when AddressTemplate.ReadVariable(sql.AsSpan(i)) is { Length: > 0 } variable:
                    AddParameter($"%{variable.Variable}");
                    i += variable.Length - 1;
                    break;
                case '%' when i + 1 < sql.Length && (char.IsAsciiLetter(sql[i + 1]) || sql[i + 1] == '{'):
                    throw new FormatException($"an unknown variable at \"{sql[i..Math.Min(i + 8, sql.Length)]}\": %u, %n and %d are known");
                case '%' when i + 1 < sql.Length && sql[i + 1] == '%':
                    text.Append('%');
                    i++;
                    break;
                default:
                    text.Append(sql[i]);
                    break;
            }
        }

        return new(text.ToString(), parameters);

        void AddString(string quoted)
        {
            string inner = quoted[1..^1].Replace("''", "'", StringComparison.Ordinal);
            if (!inner.Contains('%', StringComparison.Ordinal))
                text.Append(quoted);
            else if (AddressTemplate.Parse(inner).IsConstant)
                text.Append(quoted.Replace("%%", "%", StringComparison.Ordinal));
            else
                AddParameter(inner);
        }

        void AddParameter(string template)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"@p{parameters.Count}");
            parameters.Add(AddressTemplate.Parse(template));
        }
    }

    /// <summary>The values of the parameters.</summary>
    public IReadOnlyList<string> ValuesFor(DirectoryAddress address) => [.. _parameters.Select(parameter => parameter.Expand(address))];

    private static int EndOfString(string sql, int start)
    {
        for (int i = start + 1; i < sql.Length; i++)
        {
            if (sql[i] != '\'')
                continue;
            if (i + 1 == sql.Length || sql[i + 1] != '\'')
                return i;
            i++;
        }

        throw new FormatException("a quote does not end");
    }
}
