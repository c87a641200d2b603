namespace FullStack.Harness.Transcripts;

/// <summary>One step of a transcript. Text is octets, one char each.</summary>
/// <param name="Line">The line in the file where it begins, from 1.</param>
public abstract record TranscriptStep(int Line)
{
    /// <summary>Send text; <paramref name="Text"/> has its line end already, variables not yet replaced.</summary>
    /// <param name="Connection">The connection, from 1.</param>
    public sealed record Send(int Line, int Connection, string Text) : TranscriptStep(Line);

    /// <summary>One line must come.</summary>
    public sealed record Expect(int Line, int Connection, string Pattern) : TranscriptStep(Line);

    /// <summary>These lines must come in any order.</summary>
    public sealed record ExpectUnordered(int Line, int Connection, IReadOnlyList<string> Patterns) : TranscriptStep(Line);

    /// <summary>Exactly these octets must come.</summary>
    public sealed record ExpectOctets(int Line, int Connection, string Octets) : TranscriptStep(Line);

    /// <summary>A directive: <c>@name arguments</c>.</summary>
    public sealed record Directive(int Line, string Name, IReadOnlyList<string> Arguments, string ArgumentText) : TranscriptStep(Line)
    {
        /// <summary>The argument at a place, or a default.</summary>
        public string Argument(int index, string otherwise) => index < Arguments.Count ? Arguments[index] : otherwise;
    }
}
