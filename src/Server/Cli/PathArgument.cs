using System.CommandLine;

namespace FullStack.Server.Cli;

/// <summary>An argument that names a file or a folder.</summary>
internal static class PathArgument
{
    /// <summary>Makes one that refuses an empty word, which a script gives where it has found nothing.</summary>
    public static Argument<string> Of(string name, string description)
    {
        Argument<string> argument = new(name) { Description = description };
        argument.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: "" }])
                given.AddError($"{name} is empty");
        });
        return argument;
    }
}
