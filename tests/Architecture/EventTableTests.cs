using System.Globalization;
using System.Reflection;
using System.Text;
using FullStack.Harness;
using Microsoft.Extensions.Logging;

namespace FullStack.Architecture;

/// <summary>docs/events.md is the table of all log events, made of the methods that log them.</summary>
public sealed class EventTableTests
{
    private const string Head = """
        # Log events

        What the log can say: the number and the name of each event, which stay the same, its level, and its text with the names of its values.
        Made from the source; `UPDATE_GOLDEN=1 dotnet test tests/Architecture` makes it anew.

        The name stands in each line of text (`Smtp.RecipientRefused[2201]`), as `name` in JSON, and as `FULLSTACK_EVENT` in the journal. A peer
        causes nothing above `info`. Besides these, `Server.LinesDropped[9099]` says how many lines could not be written fast enough.

        | number | name | level | text |
        | --- | --- | --- | --- |

        """;

    private static readonly string[] s_projects = ["Smtp", "Pop3", "Imap", "Store", "Auth", "Queue", "Dns", "Server"];

    [Fact]
    public void The_table_is_that_of_the_code()
    {
        string file = SourceTree.PathOf("docs", "events.md");
        string table = Head + string.Concat(Events().OrderBy(static e => e.Event.EventId).Select(static e => Row(e.Project, e.Method, e.Event)));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, table);
        Assert.True(File.ReadAllText(file) == table, "docs/events.md is not what the code logs: make it anew with UPDATE_GOLDEN=1 dotnet test tests/Architecture");
    }

    [Fact]
    public void A_name_is_used_once()
        => Findings.None("names of more than one event:", Events().GroupBy(static e => $"{e.Project}.{e.Method}").Where(static group => group.Count() > 1).Select(static group => group.Key));

    /// <summary>What is said of a text: what a client sent is a <c>Loggable</c>, and stands behind what the server says itself, so that it can forge nothing.</summary>
    [Fact]
    public void In_refusals_the_address_stands_before_what_the_peer_said()
        => Findings.None("the peer's text is before its address:", Events()
            .Where(static e => e.Method is "LoginRefused" or "RecipientRefused")
            .Where(static e => e.Event.Message.IndexOfAny(['{']) is var first && !(e.Event.Message[(first + 1)..].Split('{')[1] is { } second
                && (second.StartsWith("Address}", StringComparison.Ordinal) || second.StartsWith("Remote}", StringComparison.Ordinal))))
            .Select(static e => e.Event.Message));

    private static IEnumerable<(string Project, string Method, LoggerMessageAttribute Event)> Events()
    {
        foreach (string project in s_projects)
        {
            Assembly assembly = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, project == "Server" ? "fullstack.dll" : $"FullStack.{project}.dll"));
            foreach (MethodInfo method in assembly.GetTypes().SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)))
            {
                if (method.GetCustomAttribute<LoggerMessageAttribute>() is { } logged)
                    yield return (project, method.Name, logged);
            }
        }
    }

    private static string Row(string project, string method, LoggerMessageAttribute logged)
    {
        string level = logged.Level switch
        {
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            _ => logged.Level.ToString().ToLowerInvariant(),
        };
        StringBuilder text = new(logged.Message);
        text.Replace("|", "\\|");
        return string.Create(CultureInfo.InvariantCulture, $"| {logged.EventId} | `{project}.{method}` | {level} | {text} |\n");
    }
}
