import Foundation
import HTTPTypes
import PipelineTesting
import Repositories
import Resources
import Synchronization
import TestSupport
import Testing

@testable import BulkOperations

/// Runs the bulk requests recorded from drf-extensions, with `Bulk(.drf)`.
@Suite(.timeLimit(.minutes(1))) struct BulkConformanceTests {
    private enum Person {
        static let id = Field.integer("id").key().filtered(.equality)
        static let email = Field.text("email", 1...50).filtered([.equality, .text])
        static let name = Field.text("name", 0...20).default("").readOnly()
        static let age = Field.integer("age").filtered([.equality, .order])
        static let surname = Field.text("surname", 0...20).column("last_name")
        static let nick = Field.text("nick", 0...20).default("").writeOnly()
        static let born = Field.text("born").optional()
        static let all = FieldSet("people", id, email, name, age, surname, nick, born)
    }

    @Test func `Recorded bulk requests give the recorded responses`() async throws {
        var report = ConformanceReport(file: "bulk.json")
        for vector in try ConformanceReport.cases(of: BulkVector.self, in: "bulk.json") {
            let repository = try MemoryRepository(Person.all, rows: rows())
            let affected = Mutex<Int?>(nil)
            let people = Resource("people", over: repository) {
                TrailingSlash()
                Bulk(.drf) { settings in
                    let name = vector.setting_header_name?.trimmingCharacters(in: .whitespaces) ?? ""
                    settings.guarding.header = HTTPField.Name(name)
                    settings.didWrite = { count, _ in affected.withLock { $0 = count } }
                }
            }
            var fields: HTTPFields = [:]
            for (name, value) in vector.headers { fields[HTTPField.Name(name)!] = value }
            let method = HTTPRequest.Method(vector.method)!
            let answer = try await RouteClient(people.routes).send(
                method, vector.path, fields, body: vector.method == "DELETE" ? "" : vector.body.text)
            let difference = try await difference(of: answer, affected.withLock { $0 }, repository, from: vector)
            report.check(vector.name, difference == nil, difference ?? "")
        }
        report.finish()
    }

    private func rows() -> RowBatch {
        RowBatch(
            columns: ["id", "email", "name", "age", "surname", "nick"],
            rows: [
                [1, "a@gmail.com", "Ann", 20, "A", "a"], [2, "b@ya.ru", "Bob", 30, "B", "b"],
                [3, "c@gmail.com", "Cat", 40, "C", "c"],
            ])
    }

    private func difference(
        of answer: RouteClient.Response, _ affected: Int?, _ repository: MemoryRepository, from vector: BulkVector
    ) async throws -> String? {
        let status = vector.ours?.status ?? vector.expected.status
        guard answer.status == status else { return "\(answer.status), not \(status): \(answer.text)" }
        let detail = vector.ours?.detail ?? vector.expected.body?.detail
        if status == 400, vector.ours == nil || vector.ours?.detail != nil, let detail, detail.hasPrefix("Header") {
            guard answer.text.contains(detail) else { return "\(answer.text), not \(detail)" }
        }
        let batch = try await repository.rows(
            RowQuery(order: [Person.id.ascending], fields: ["id", "age", "surname", "nick"]))
        let actual = (0..<batch.rowCount).map { batch.values(row: $0).map { "\($0)" }.joined(separator: " ") }
        let isChanged = vector.ours == nil
        let expected = (isChanged ? vector.expected.rows : nil)?.map(\.text)
        if let expected, actual != expected { return "\(actual), not \(expected)" }
        if vector.ours?.status == 400, actual != Self.initial { return "\(actual), not the rows before" }
        if isChanged, status == 204, let count = vector.expected.hooks.first?.count, affected != count {
            return "\(affected ?? 0) rows, not \(count)"
        }
        return nil
    }

    private static let initial = [#"1 20 "A" "a""#, #"2 30 "B" "b""#, #"3 40 "C" "c""#]
}
