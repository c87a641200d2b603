using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>What the parameters of a command have come to.</summary>
internal abstract record CommandParameters
{
    /// <summary>Those that were given, by their places in the table.</summary>
    public uint Given { get; init; }
}

/// <summary>Takes one parameter in.</summary>
/// <returns>What there is with it; null where it cannot have that value.</returns>
internal delegate T? ParameterRead<T>(T sofar, SmtpParameter parameter)
    where T : CommandParameters;

/// <summary>One parameter of MAIL or RCPT.</summary>
/// <param name="Keyword">Upper case.</param>
/// <param name="Syntax">For HELP.</param>
/// <param name="IsOffered">Whether a session may use it now; where it may not, it is as unknown as any other (RFC 5321 §4.1.1.11).</param>
/// <param name="Read">Reads its value.</param>
internal sealed record ParameterRow<T>(string Keyword, string Syntax, Func<SmtpSession, bool> IsOffered, ParameterRead<T> Read)
    where T : CommandParameters
{
    /// <summary>The keyword as it is compared.</summary>
    public byte[] KeywordOctets { get; } = [.. Keyword.Select(static letter => (byte)letter)];
}

/// <summary>All parameters of a command: reading, what a session may use, and HELP go by this list and no other.</summary>
/// <remarks>RFC 5321 §4.1.1.11.</remarks>
internal sealed class ParameterTable<T>(params IReadOnlyList<ParameterRow<T>> rows)
    where T : CommandParameters
{
    /// <summary>The parameters that a session may use.</summary>
    public IEnumerable<string> SyntaxFor(SmtpSession session) => rows.Where(row => row.IsOffered(session)).Select(static row => row.Syntax);

    /// <summary>Reads parameters up to the end of the line. None may come twice.</summary>
    public bool TryRead(ref SmtpReader reader, T none, [NotNullWhen(true)] out T? parameters)
    {
        T read = none;
        parameters = null;
        while (!reader.TryReadEnd())
        {
            if (!reader.TryReadParameter(out SmtpParameter parameter))
                return false;
            if (PlaceOf(parameter) is not { } place)
                return reader.Refuse(SmtpReply.UnknownParameter);
            if ((read.Given & (1u << place)) != 0)
                return reader.Refuse(SmtpReply.DuplicateParameter);
            if (rows[place].Read(read, parameter) is not { } next)
                return reader.Refuse(SmtpReply.BadParameterValue);
            read = next with { Given = read.Given | (1u << place) };
        }

        parameters = read;
        return true;
    }

    /// <summary>Whether a session may use all that was given.</summary>
    public bool AreOffered(T parameters, SmtpSession session)
    {
        for (int place = 0; place < rows.Count; place++)
        {
            if ((parameters.Given & (1u << place)) != 0 && !rows[place].IsOffered(session))
                return false;
        }

        return true;
    }

    private int? PlaceOf(SmtpParameter parameter)
    {
        for (int place = 0; place < rows.Count; place++)
        {
            if (parameter.Is(rows[place].KeywordOctets))
                return place;
        }

        return null;
    }
}
