namespace FullStack.Harness.Documents;

/// <summary>What a block of a document is.</summary>
public enum BlockKind
{
    /// <summary><c>```sh</c>: commands that the reader gives. With marks other than an expected exit code they need what a test has not: another machine, a package, a phone.</summary>
    Commands,

    /// <summary><c>```text</c>: what the commands before it print.</summary>
    Output,

    /// <summary><c>```yaml</c>: a configuration, or some of its keys.</summary>
    Configuration,

    /// <summary><c>&lt;!-- run</c>: commands that the reader does not see, for they only bring about what he is in.</summary>
    Staging,

    /// <summary><c>&lt;!-- machine NAME needs PROGRAM… --&gt;</c>: what follows happens on another machine, a new one.</summary>
    Machine,

    /// <summary>Any other fenced block, and what is indented as code.</summary>
    Other,
}
