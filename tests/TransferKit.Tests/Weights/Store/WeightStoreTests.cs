using TransferKit.WeightSources.Store;
using static TransferKit.Tests.WeightSources.FileServer;

namespace TransferKit.Tests.WeightSources.Store;

public sealed class WeightStoreTests : StoreFixture
{
    private static readonly Uri NeverAsked = new("http://127.0.0.1:9/weights.h5");

    [Fact]
    public async Task A_file_that_Keras_has_downloaded_is_used_offline()
    {
        Put(Content);
        AssertGood(await EnsureAsync(Entry(NeverAsked), Offline()));
        Assert.Contains(Reports, p => p.State == WeightDownloadState.Verifying);
    }

    [Fact]
    public async Task A_verified_file_is_not_verified_again_until_it_changes()
    {
        Put(Content);
        await EnsureAsync(Entry(NeverAsked), Offline());
        Reports.Clear();
        await EnsureAsync(Entry(NeverAsked), Offline());
        Assert.Empty(Reports);
        File.SetLastWriteTimeUtc(Target, DateTime.UtcNow.AddDays(-1));
        await EnsureAsync(Entry(NeverAsked), Offline());
        Assert.Contains(Reports, p => p.State == WeightDownloadState.Verifying);
    }

    // The store does not read the file, so it misses this change; VerifyAsync finds it.
    [Fact]
    public async Task A_cached_start_reads_nothing_of_the_file_and_asks_nobody()
    {
        await using var server = await StartAsync(Good(Content));
        await EnsureAsync(Entry(server.Url));
        var time = File.GetLastWriteTimeUtc(Target);
        File.WriteAllBytes(Target, MakeContent(Content.Length, seed: 2));
        File.SetLastWriteTimeUtc(Target, time);
        Reports.Clear();
        Assert.Equal(Target, (await EnsureAsync(Entry(server.Url))).Path);
        Assert.Equal(1, server.Requests);
        Assert.Empty(Reports);
    }

    [Fact]
    public async Task An_absent_file_offline_says_which_file_to_put_where()
    {
        var entry = Entry(NeverAsked);
        var e = await Assert.ThrowsAsync<WeightsUnavailableException>(() => EnsureAsync(entry, Offline()));
        Assert.Equal((Target, NeverAsked, $"sha256 {entry.Hash}"), (e.ExpectedPath, e.Address, e.Hash));
        foreach (var part in new[] { Target, NeverAsked.AbsoluteUri, entry.Hash!, "offline" })
            Assert.Contains(part, e.Message);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("0", false)]
    [InlineData("false", false)]
    [InlineData(null, false)]
    [InlineData("", false)]
    public void The_environment_variable_forbids_the_network_with_any_other_value_than_0_and_false(string? value, bool offline) =>
        Assert.Equal(offline, WeightStoreOptions.MeansOffline(value));

    [Theory]
    [InlineData("truncated")]
    [InlineData("a bit flipped")]
    [InlineData("empty")]
    [InlineData("a folder")]
    [InlineData("a link to nothing")]
    [InlineData("a link to another file")]
    public async Task A_cached_file_that_fails_its_check_is_set_aside_and_downloaded_again(string damage)
    {
        Directory.CreateDirectory(Cache);
        var flipped = (byte[])Content.Clone();
        flipped[200_000] ^= 1;
        var other = System.IO.Path.Combine(Root, "other");
        File.WriteAllText(other, "other");
        switch (damage)
        {
            case "truncated": Put(Content[..^1]); break;
            case "a bit flipped": Put(flipped); break;
            case "empty": Put([]); break;
            case "a folder": Directory.CreateDirectory(System.IO.Path.Combine(Target, "inside")); break;
            case "a link to nothing": File.CreateSymbolicLink(Target, System.IO.Path.Combine(Root, "nothing")); break;
            default: File.CreateSymbolicLink(Target, other); break;
        }
        await using var server = await StartAsync(Good(Content));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.Contains(Reports, p => p.State == WeightDownloadState.Rejected && p.Message!.Contains(".rejected"));
        Assert.True(CachePaths.Exists(Target + ".rejected"));
        Assert.Equal("other", File.ReadAllText(other));
        Assert.Null(new FileInfo(Target).LinkTarget);
    }

    [Fact]
    public async Task A_bit_flipped_after_verification_is_seen_by_the_changed_time()
    {
        await using var server = await StartAsync(Good(Content));
        await EnsureAsync(Entry(server.Url));
        var flipped = (byte[])Content.Clone();
        flipped[200_000] ^= 1;
        File.WriteAllBytes(Target, flipped);
        File.SetLastWriteTimeUtc(Target, DateTime.UtcNow.AddSeconds(5));
        AssertGood(await EnsureAsync(Entry(server.Url)));
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task A_damaged_file_offline_stays_where_it_is_and_is_an_error()
    {
        Put(Content[..^1]);
        var e = await Assert.ThrowsAsync<WeightsUnavailableException>(() => EnsureAsync(Entry(NeverAsked), Offline()));
        Assert.Contains("the existing file is wrong", e.Message);
        Assert.True(File.Exists(Target));
    }

    [Fact]
    public async Task A_file_without_a_published_hash_must_keep_the_hash_it_had_at_first()
    {
        Put(File.ReadAllBytes(SmallModel.File("legacy.h5")));
        await EnsureAsync(EntryWithoutHash(NeverAsked), Offline());
        Put(File.ReadAllBytes(SmallModel.File("float16.h5")));
        File.SetLastWriteTimeUtc(Target, DateTime.UtcNow.AddSeconds(5));
        var e = await Assert.ThrowsAsync<WeightsUnavailableException>(() => EnsureAsync(EntryWithoutHash(NeverAsked), Offline()));
        Assert.Contains("was sha256:", e.Message);
    }

    [Fact]
    public async Task A_read_only_cache_is_used_and_never_written()
    {
        var shared = Directory.CreateDirectory(System.IO.Path.Combine(Root, "shared")).FullName;
        var file = System.IO.Path.Combine(shared, "weights.h5");
        File.WriteAllBytes(file, Content);
        var options = new WeightStoreOptions
        {
            CacheDirectory = Cache,
            Offline = true,
            ReadOnlyCaches = [System.IO.Path.Combine(Root, "absent"), shared],
        };
        Assert.Equal(file, (await EnsureAsync(Entry(NeverAsked), options)).Path);
        Reports.Clear();
        Assert.Equal(file, (await EnsureAsync(Entry(NeverAsked), options)).Path);
        Assert.Empty(Reports);
        Assert.Equal([file], Directory.GetFileSystemEntries(shared));
    }

    [Fact]
    public async Task A_wrong_file_in_a_read_only_cache_is_passed_over()
    {
        var shared = Directory.CreateDirectory(System.IO.Path.Combine(Root, "shared")).FullName;
        File.WriteAllBytes(System.IO.Path.Combine(shared, "weights.h5"), Content[..^1]);
        await using var server = await StartAsync(Good(Content));
        var options = new WeightStoreOptions { CacheDirectory = Cache, Offline = false, ReadOnlyCaches = [shared] };
        AssertGood(await EnsureAsync(Entry(server.Url), options));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_an_error_that_names_it()
    {
        // No user, not even root, can create files under a path that is a file.
        File.WriteAllText(Cache, "");
        await using var server = await StartAsync(Good(Content));
        var e = await Assert.ThrowsAsync<WeightsUnavailableException>(() => EnsureAsync(Entry(server.Url)));
        Assert.Contains($"'{Cache}' cannot be written", e.Message);
        Assert.Equal(0, server.Requests);
    }

    [Theory]
    [InlineData("../weights.h5")]
    [InlineData("..")]
    [InlineData("a/b.h5")]
    [InlineData("a\\b.h5")]
    [InlineData("/etc/passwd")]
    [InlineData("C:evil.h5")]
    [InlineData("")]
    public void A_name_never_leads_out_of_the_cache_folder(string name) =>
        Assert.Throws<ArgumentException>(() => new CachePaths(Cache, name));

    [Theory]
    [InlineData(null, "/home/me/.keras/models")]
    [InlineData("", "/home/me/.keras/models")]
    [InlineData("/data/keras", "/data/keras/models")]
    [InlineData("~/keras", "/home/me/keras/models")]
    public void The_cache_is_the_folder_that_Keras_uses(string? kerasHome, string folder) =>
        Assert.Equal(folder, CachePaths.KerasFolder("models", kerasHome, "/home/me").Replace('\\', '/'));

    [Fact]
    public async Task Many_threads_make_one_download_and_those_that_wait_see_its_progress()
    {
        await using var server = await StartAsync(Good(Content, bytesPerPiece: 10_000, pause: 10));
        var entry = Entry(server.Url);
        var store = new WeightStore(Options());
        var files = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => EnsureAsync(entry)));
        Assert.All(files, f => AssertGood(f));
        Assert.Equal(1, server.Requests);
        Assert.Contains(Reports, p => p.State == WeightDownloadState.Waiting && p.BytesReceived > 0 && p.TotalBytes == Content.Length);
    }

    [Fact]
    public async Task A_lock_that_a_dead_process_left_is_taken_over()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllText(Target + ".lock",
            $$"""{"Machine":"{{Environment.MachineName}}","Process":2147483646,"Started":1,"Token":"x","Beat":3}""");
        await using var server = await StartAsync(Good(Content));
        AssertGood(await EnsureAsync(Entry(server.Url)));
    }

    [Fact]
    public async Task A_lock_of_another_machine_is_taken_over_once_its_beat_stands_still()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllText(Target + ".lock", """{"Machine":"elsewhere","Process":1,"Started":1,"Token":"x","Beat":3}""");
        await using var server = await StartAsync(Good(Content));
        var options = new WeightStoreOptions { CacheDirectory = Cache, Offline = false, LockExpiry = TimeSpan.FromSeconds(0.5) };
        AssertGood(await EnsureAsync(Entry(server.Url), options));
        Assert.Contains(Reports, p => p.State == WeightDownloadState.Waiting);
    }

    [Fact]
    public async Task Waiting_for_another_ends_with_the_time_for_all()
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllText(Target + ".lock", """{"Machine":"elsewhere","Process":1,"Started":1,"Token":"x","Beat":3}""");
        var options = new WeightStoreOptions { CacheDirectory = Cache, Offline = false, Timeout = TimeSpan.FromSeconds(0.3) };
        var e = await Assert.ThrowsAsync<WeightsDownloadException>(() => EnsureAsync(Entry(NeverAsked), options));
        Assert.Contains(".lock", e.Message);
        Assert.Equal(0, e.Tries);
    }

    [Fact]
    public async Task An_unknown_application_is_a_misuse() =>
        await Assert.ThrowsAsync<ArgumentException>(() => new WeightStore(Offline()).FetchAsync("vgg17", cancellationToken: Token));

    [Fact]
    public async Task A_known_application_has_a_place_in_the_cache()
    {
        var e = await Assert.ThrowsAsync<WeightsUnavailableException>(
            () => new WeightStore(Offline()).FetchAsync("vgg16", includeTop: false, cancellationToken: Token));
        Assert.Equal(System.IO.Path.Combine(Cache, "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"), e.ExpectedPath);
        Assert.Equal("md5 6d6bbae143d832006294945121d1f1fc", e.Hash);
    }

    [Theory]
    [InlineData("ftp://host/")]
    [InlineData("http//host://")]
    public void A_mirror_that_is_no_address_is_refused_at_once(string mirror) =>
        Assert.Throws<ArgumentException>(() => new WeightStore(new WeightStoreOptions { Mirrors = [mirror] }));

    private void Put(byte[] content)
    {
        Directory.CreateDirectory(Cache);
        File.WriteAllBytes(Target, content);
    }

    private WeightStoreOptions Offline() => new() { CacheDirectory = Cache, Offline = true };
}
