#if PostgreSQL
import Repositories

/// Divides the rows of a write into levels. Rows of one level do not affect each other, and are written by the same statements.
///
/// A row that has the key or unique values of an earlier row has to be written after it: its outcome depends on what the earlier row did.
/// The result is that of writing the rows one after the other.
struct RowLevels {
    private(set) var levels: [[Int]] = []
    private var levelOfDigest: [Int: Int] = [:]

    /// Adds a row.
    ///
    /// - Parameters:
    ///   - row: The index of the row.
    ///   - digests: The digests of all values that the row has, had or gets.
    mutating func add(_ row: Int, _ digests: [Int]) {
        var level = 0
        for digest in digests { if let known = levelOfDigest[digest] { level = max(level, known + 1) } }
        for digest in digests { levelOfDigest[digest] = level }
        if level == levels.count { levels.append([]) }
        levels[level].append(row)
    }

    /// Adds a row after all others.
    mutating func addLast(_ row: Int) {
        levels.append([row])
    }
}

extension RowLevels {
    /// Divides rows by their own values, if none of them changes a unique value of an existing row.
    init(_ rows: [Int], _ write: PreparedWrite, identity: [String], _ fields: FieldSet) {
        let groups = [identity] + (write.addsRows ? fields.uniqueGroups.filter { $0 != identity } : [])
        let digest = RowDigest(write, groups, fields)
        levelOfDigest.reserveCapacity(rows.count)
        write.rows.withTextBytes { text in
            for row in rows {
                add(row, groups.indices.compactMap { digest.insertion(row, group: $0, text) })
            }
        }
    }

    /// Divides rows that may change unique values of existing rows.
    ///
    /// - Parameters:
    ///   - rows: The rows.
    ///   - write: The write.
    ///   - identity: The names of the fields that identify a row.
    ///   - changed: The groups of unique fields that are changed.
    ///   - fields: The fields of the rows.
    ///   - found: Returns the existing row of a row.
    init(
        _ rows: [Int], _ write: PreparedWrite, identity: [String], changed: [[String]], _ fields: FieldSet,
        found: (Int) -> RowLookUp?
    ) {
        let groups = [identity] + fields.uniqueGroups.filter { $0 != identity }
        let digest = RowDigest(write, groups, fields)
        let changedGroups = groups.indices.filter { changed.contains(groups[$0]) }
        var identities: Set<Int> = []
        var isSequential = false
        write.rows.withTextBytes { text in
            for row in rows {
                let identity = digest.insertion(row, group: 0, text)
                // What the second row finds depends on the first one.
                if let identity, !identities.insert(identity).inserted { isSequential = true }
                guard !isSequential else {
                    addLast(row)
                    continue
                }
                var digests = [identity].compactMap(\.self)
                if write.addsRows {
                    digests += groups.indices.dropFirst().compactMap { digest.insertion(row, group: $0, text) }
                }
                if let lookUp = found(row), let index = lookUp.index(of: row) {
                    for group in changedGroups {
                        for setting in [nil, row] {
                            let value = digest.update(of: lookUp, index, group: group, setting: setting, text)
                            if let value, !digests.contains(value) { digests.append(value) }
                        }
                    }
                }
                add(row, digests)
            }
        }
    }
}

extension PreparedWrite {
    /// Whether the write may add rows.
    var addsRows: Bool {
        switch kind {
        case .create, .upsert: true
        case .update, .replace, .delete: false
        }
    }
}
#endif
