using System.Text.Json;

namespace FullStack.Server.Acme;

/// <summary>What became of the attempts to get a certificate since the last that succeeded. Kept over restarts, so that a server that fails to start does not wear the authority out.</summary>
/// <param name="Failures">How many failed.</param>
/// <param name="Next">Not to be tried before.</param>
/// <param name="Problem">Why the last one failed; empty: none did.</param>
internal sealed record RenewalState(int Failures, DateTimeOffset Next, string Problem)
{
    public static RenewalState None { get; } = new(0, DateTimeOffset.MinValue, "");

    /// <summary>Reads what was written; where there is nothing that can be read, nothing is known.</summary>
    public static RenewalState Load(string file)
    {
        try
        {
            return File.Exists(file) && JsonSerializer.Deserialize<RenewalState>(File.ReadAllBytes(file)) is { Failures: >= 0, Problem: not null } state ? state : None;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return None;
        }
    }

    public void Save(AcmeFolder folder, string file)
    {
        if (Failures > 0)
            folder.Write(file, JsonSerializer.Serialize(this) + "\n");
        else
            File.Delete(file);
    }
}
