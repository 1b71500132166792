import HTTPPipeline
import HTTPTypes
import PipelineTesting
import TestSupport
import Testing

@testable import BulkOperations

@Suite struct UpsertIdempotencyTests {
    private static let target = "/people/upsert?unique_fields=email"
    private static let item = #"{"email": "d@web.de", "name": "Dan", "age": 50}"#

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch])
    func `A repeated upsert is written once`(method: HTTPRequest.Method) async throws {
        let people = try BulkPeople(nil) { $0.idempotency = MemoryIdempotencyStore() }
        let key: HTTPFields = [.idempotencyKey: "\"import-1\""]
        let first = try await people.send(method, Self.target, key, body: Self.item, as: "ann")
        let again = try await people.send(method, Self.target, key, body: Self.item, as: "ann")
        #expect(first.text.contains(#""created_ids":[4]"#))
        #expect(again.text == first.text)
        #expect(again.status == 200)
        #expect(again.fields[.idempotentReplayed] == "true")
        let other = try await people.send(
            method, Self.target, key, body: Self.item.replacing("50", with: "51"), as: "ann")
        #expect(other.status == 422)
        #expect(try await people.rows() == ["1 20 Ann", "2 30 Bob", "3 40 Cid", "4 50 Dan"])
    }

    @Test func `Refusals name the parameter, with and without a key`() async throws {
        let people = try BulkPeople(nil) { $0.idempotency = MemoryIdempotencyStore() }
        for fields in [[:], [.idempotencyKey: "a"]] as [HTTPFields] {
            let refused = try await people.send(.post, "/people/upsert", fields, body: Self.item, as: "ann")
            #expect(refused.text == #"{"unique_fields":["This field is required."]}"#)
        }
    }

    @Test func `Without a store the field is ignored`() async throws {
        let people = try BulkPeople()
        for _ in 0..<2 {
            let answer = try await people.send(.post, Self.target, [.idempotencyKey: "a"], body: Self.item)
            #expect(answer.status == 200)
            #expect(answer.fields[.idempotentReplayed] == nil)
        }
    }

    @Test func `An upsert of another user is another one`() async throws {
        let people = try BulkPeople(nil) { $0.idempotency = MemoryIdempotencyStore() }
        for user in ["ann", "ben"] {
            let answer = try await people.send(.post, Self.target, [.idempotencyKey: "a"], body: Self.item, as: user)
            #expect(answer.fields[.idempotentReplayed] == nil)
        }
    }

    @Test func `A refused upsert can be mended with the same key`() async throws {
        let people = try BulkPeople(nil) { $0.idempotency = MemoryIdempotencyStore() }
        let key: HTTPFields = [.idempotencyKey: "a"]
        let refused = try await people.send(.post, "/people/upsert", key, body: Self.item, as: "ann")
        #expect(refused.status == 400)
        let mended = try await people.send(.post, Self.target, key, body: Self.item, as: "ann")
        #expect(mended.status == 200)
    }

    @Test(arguments: [(true, 503), (false, 500)])
    func `A store that fails is an error of the database`(isTransient: Bool, status: Int) async throws {
        let people = try BulkPeople(nil) {
            $0.idempotency = FailingKeys(beginError: StoreFailure(isTransient: isTransient))
        }
        let refused = try await people.send(
            .post, Self.target, [.idempotencyKey: "a"], body: Self.item, as: "ann")
        #expect(refused.status == status)
        #expect(refused.fields[.retryAfter] == (isTransient ? "1" : nil))
        #expect(refused.text.hasPrefix(#"{"detail":""#))
        #expect(try await people.rows().count == 3)
    }
}
