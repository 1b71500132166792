import PipelineTesting
import Repositories
import Testing

@Suite struct MemoryRepositoryTests {
    @Test func `Behaves as every repository does`() async throws {
        try await RepositorySuite { fields in try MemoryRepository(fields) }.run()
    }
}
