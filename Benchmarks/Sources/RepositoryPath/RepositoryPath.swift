import Foundation

/// Compares `SQLiteRepository` with GRDB by hand on the same schema: `repository-path upsert 15` and `repository-path list 15`, where
/// the number is that of the rounds. `repository-path csv` prints the rates of reading CSV. With `--check` the program fails if a median is above its limit.
/// `repository-path postgresql 15 URL` compares `PostgreSQLRepository` with libpq by hand, in a database whose table `places` it creates.
///
/// A round measures both sides one after the other, in alternating order, and gives one ratio of their times. The limits are those of the
/// processor time.
@main
struct RepositoryPath {
    static func main() async throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let isChecked = arguments.contains("--check")
        arguments.removeAll { $0 == "--check" }
        if arguments.first == "postgresql", arguments.count == 3, let rounds = Int(arguments[1]), rounds > 0 {
            return report(try await PostgreSQLComparison(url: arguments[2]).run(rounds: rounds), isChecked)
        }
        guard let part = arguments.first, ["all", "upsert", "list", "csv"].contains(part), arguments.count <= 2,
            let rounds = arguments.count == 2 ? Int(arguments[1]) : 15, rounds > 0
        else {
            print(
                "usage: repository-path all|upsert|list|csv [ROUNDS] [--check]\n       repository-path postgresql ROUNDS URL [--check]"
            )
            exit(2)
        }
        if part == "csv" || part == "all" { try CSVRates().run(rounds: rounds) }
        if part == "csv" { return }
        let folder = try BenchmarkFolder()
        defer { folder.remove() }
        var comparisons: [PairedTimes] = []
        if part != "list" { comparisons += try await UpsertComparison(folder: folder).run(rounds: rounds) }
        if part != "upsert" { comparisons.append(try await ListComparison(folder: folder).run(rounds: rounds)) }
        folder.remove()
        report(comparisons, isChecked)
    }

    private static func report(_ comparisons: [PairedTimes], _ isChecked: Bool) {
        for comparison in comparisons { print(comparison) }
        guard isChecked else { return }
        let failed = comparisons.filter { !$0.isWithinLimit }
        for comparison in failed { print("\(comparison.name): above the limit") }
        if !failed.isEmpty { exit(1) }
    }
}
