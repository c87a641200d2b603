using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FullStack.Server.Configuration;
using FullStack.Server.Journal;

namespace FullStack.Server.Cli;

/// <summary>fullstack trace: what became of messages.</summary>
internal static class TraceCommand
{
    private static readonly ValueForm<TimeSpan> s_age = ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromDays(36_500));

    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> what = new("ID|ADDRESS|MESSAGE-ID") { Description = "A queue id, a connection's id, the address of a sender or a recipient, or a Message-ID." };
        Option<string?> since = new("--since") { Description = "Only what happened since then: a time such as 2026-01-31T12:00, or how long ago, such as 2h.", HelpName = "TIME" };
        Option<bool> json = Listing.JsonOption();
        Command command = new("trace", "Tell the life of messages: who brought them, what was decided, where they went, what other hosts said.") { what, since, json };
        command.SetAction(line =>
        {
            ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
            DateTimeOffset from = line.GetValue(since) is { } text ? TimeOf(text, terminal.Time.GetUtcNow()) : DateTimeOffset.MinValue;
            IReadOnlyList<MessageLife> lives = new JournalSearch(configuration.TraceFolder).Find(line.GetRequiredValue(what), from);
            if (line.GetValue(json))
                PrintJson(lives, terminal.Output);
            else
                PrintText(lives, terminal.Output);
            if (lives.Count > 0)
                return ExitCode.Ok;
            terminal.Error.WriteLine($"fullstack: the journal knows nothing of {line.GetRequiredValue(what)}");
            return ExitCode.NotFound;
        });
        return command;
    }

    private static DateTimeOffset TimeOf(string text, DateTimeOffset now)
    {
        if (s_age.TryParse(text, out TimeSpan ago))
            return now - ago;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset time)
            ? time : throw new CommandFailedException(ExitCode.Usage, $"{text} is no time");
    }

    private static void PrintText(IReadOnlyList<MessageLife> lives, TextWriter output)
    {
        foreach (MessageLife life in lives)
        {
            output.WriteLine(life.Id);
            foreach (JournalEntry entry in life.Entries)
            {
                string text = entry.Text.StartsWith(life.Id + " ", StringComparison.Ordinal) ? entry.Text[(life.Id.Length + 1)..] : entry.Text;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {entry.Time.ToLocalTime():yyyy-MM-dd HH:mm:ss.fff}  {text}"));
            }

            output.WriteLine();
        }
    }

    private static void PrintJson(IReadOnlyList<MessageLife> lives, TextWriter output)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (MessageLife life in lives)
            {
                json.WriteStartObject();
                json.WriteString("id"u8, life.Id);
                json.WriteStartArray("events"u8);
                foreach (JournalEntry entry in life.Entries)
                    Write(json, entry);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(text.ToArray()));
    }

    private static void Write(Utf8JsonWriter json, JournalEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, entry.Time.UtcDateTime);
        json.WriteNumber("event"u8, entry.Event);
        json.WriteString("message"u8, entry.Text);
        json.WriteStartObject("fields"u8);
        foreach ((string name, string value) in entry.Fields)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
