namespace FullStack.Server.Configuration;

/// <summary>One mistake in a configuration file.</summary>
/// <param name="Line">Where, from 1; 0 where the mistake is that something is missing.</param>
/// <param name="Text">Which key, what was expected and what was found.</param>
internal sealed record ConfigurationProblem(int Line, string Text)
{
    /// <summary>The problem as compilers write theirs, so that editors can jump to it.</summary>
    public string In(string file) => Line > 0 ? $"{file}:{Line}: {Text}" : $"{file}: {Text}";
}
