// Stores that are searched for what goes into a prompt.

#include "assess/detectors/list.h"

namespace bulwark::assess::detectors {
namespace {

constexpr Marker kMarkers[] = {
    {In::Import, "chromadb", "Chroma"},
    {In::Import, "langchain_chroma", "Chroma"},
    {In::Import, "langchain_community.vectorstores.Chroma", "Chroma"},
    {In::Config, "chromadb/chroma", "Chroma"},
    {In::Import, "qdrant_client", "Qdrant"},
    {In::Import, "langchain_qdrant", "Qdrant"},
    {In::Config, "qdrant/qdrant", "Qdrant"},
    {In::Import, "faiss", "FAISS"},
    {In::Import, "langchain_community.vectorstores.FAISS", "FAISS"},
    {In::Import, "pinecone", "Pinecone"},
    {In::Import, "langchain_pinecone", "Pinecone"},
    {In::Config, "pinecone_api_key", "Pinecone"},
    {In::Import, "weaviate", "Weaviate"},
    {In::Import, "langchain_weaviate", "Weaviate"},
    {In::Config, "semitechnologies/weaviate", "Weaviate"},
    {In::Import, "pymilvus", "Milvus"},
    {In::Import, "langchain_milvus", "Milvus"},
    {In::Config, "milvusdb/milvus", "Milvus"},
    {In::Import, "lancedb", "LanceDB"},
    {In::Import, "pgvector", "pgvector"},
    {In::Import, "langchain_postgres", "pgvector"},
    {In::Config, "pgvector/pgvector", "pgvector"},
    {In::Import, "opensearchpy", "OpenSearch"},
    {In::Import, "llama_index.core.VectorStoreIndex", "LlamaIndex"},
    {In::Import, "redisvl", "Redis"},
    {In::Package, "chromadb", "Chroma"},
    {In::Package, "qdrant-client", "Qdrant"},
    {In::Package, "faiss-cpu", "FAISS"},
    {In::Package, "faiss-gpu", "FAISS"},
    {In::Package, "pinecone-client", "Pinecone"},
    {In::Package, "pinecone", "Pinecone"},
};

}  // namespace

const Detector vector_store{.kind = Kind::VectorStore, .markers = kMarkers};

}  // namespace bulwark::assess::detectors
