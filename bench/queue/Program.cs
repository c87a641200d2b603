using System.Diagnostics;
using System.Globalization;
using FullStack.Queue.Spool;
using FullStack.QueueBench;
using FullStack.Smtp;

// How a queue does that is COUNT messages deep: dotnet run -c Release --project bench/queue -- COUNT [FOLDER [FRESH]]
int count = int.Parse(args[0], CultureInfo.InvariantCulture);
string folder = args.Length > 1 ? args[1] : Directory.CreateTempSubdirectory("queue-bench-").FullName;
int fresh = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 5000;
Console.WriteLine($"depth {count}, {fresh} fresh messages, on {folder}");
try
{
    Stopwatch watch = Stopwatch.StartNew();
    await using (DeepQueue deep = await DeepQueue.OpenAsync(folder))
        await deep.FillAsync(count);
    Say("filled", watch, "s");

    // After a kill there may be a log to be read; after this orderly end there is none.
    watch.Restart();
    await using DeepQueue queue = await DeepQueue.OpenAsync(folder);
    queue.Start();
    await queue.SendAsync(1);
    await queue.SentAsync(1);
    Say("start until the first message is handed on", watch, "s");

    watch.Restart();
    await queue.SendAsync(fresh, dispatch: false);
    Rate("enqueued", fresh, watch);

    watch.Restart();
    queue.Open();
    await queue.SentAsync(fresh + 1);
    Rate("dispatched", fresh, watch);

    watch.Restart();
    long woken = await queue.WakeAsync();
    Say($"woken ({woken} recipients)", watch, "s");
    await queue.SentAsync(fresh + 1 + count);
    Rate("dispatched, all due, from the waking on", count, watch);

    GC.Collect();
    Console.WriteLine($"memory                                       {Environment.WorkingSet >> 20} MiB resident, {GC.GetTotalMemory(true) >> 20} MiB managed");
    Console.WriteLine($"database                                     {new FileInfo(Path.Combine(folder, "queue", "queue.db")).Length >> 20} MiB");
    return 0;
}
finally
{
    if (args.Length < 2)
        Directory.Delete(folder, recursive: true);
}

static void Say(string what, Stopwatch watch, string unit)
    => Console.WriteLine($"{what,-44} {watch.Elapsed.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} {unit}");

static void Rate(string what, int messages, Stopwatch watch)
    => Console.WriteLine($"{what,-44} {(messages / watch.Elapsed.TotalSeconds).ToString("0", CultureInfo.InvariantCulture)} messages/s");
