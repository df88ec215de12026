# What every target here shares: the language, the warnings, the sanitizers, and the three shapes a target can have
# (a room of the framework, a plugin, a test program).
include_guard(GLOBAL)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

# One include form everywhere, in the tree and installed: <embedloom/ROOM/file.h>.
set(EMBEDLOOM_INCLUDE "${CMAKE_BINARY_DIR}/include")
file(MAKE_DIRECTORY "${EMBEDLOOM_INCLUDE}")
file(CREATE_LINK "${CMAKE_SOURCE_DIR}/framework" "${EMBEDLOOM_INCLUDE}/embedloom" SYMBOLIC)

add_library(embedloom_flags INTERFACE)
target_include_directories(embedloom_flags INTERFACE "${EMBEDLOOM_INCLUDE}")
# -ffp-contract=off: a fused multiply-add rounds once where two operations round twice, so results would differ
# between instruction sets.
target_compile_options(embedloom_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -Werror=return-type -ffp-contract=off
    -fstack-protector-strong $<$<CONFIG:Release>:-O3> $<$<CONFIG:RelWithDebInfo>:-O1 -g1>)
target_compile_definitions(embedloom_flags INTERFACE
    EMBEDLOOM_VERSION="${PROJECT_VERSION}" $<$<NOT:$<CONFIG:Release>>:_GLIBCXX_ASSERTIONS>)
if(CMAKE_UNITY_BUILD)
    # For GCC a file that is compiled with others is a header, in which anonymous namespaces would be a mistake.
    target_compile_options(embedloom_flags INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endif()
if(EMBEDLOOM_SANITIZE)
    # GCC takes what sanitizers add for reads of what nobody wrote.
    target_compile_options(embedloom_flags INTERFACE -fsanitize=${EMBEDLOOM_SANITIZE} -fno-omit-frame-pointer
                           $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
                           -fno-sanitize-recover=all)
    target_link_options(embedloom_flags INTERFACE -fsanitize=${EMBEDLOOM_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND EMBEDLOOM_SANITIZE STREQUAL "address,undefined")
        # Optimised, what GCC adds for them takes twice as long to compile, and the tests hardly less to run.
        target_compile_options(embedloom_flags INTERFACE -O0)
    endif()
endif()
if(EMBEDLOOM_FUZZ)
    target_compile_options(embedloom_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Where several files are compiled as one, these stand alone: those that Highway includes again for each instruction set, and those
# that put their own operators in place of the library's.
function(embedloom_keep_alone)
    foreach(source ${ARGN})
        file(STRINGS "${source}" included REGEX "foreach_target|operator new" LIMIT_COUNT 1)
        if(included)
            set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
        endif()
    endforeach()
endfunction()

# embedloom_room(loom LINK embedloom_base ...): all .cpp files of the calling folder as library embedloom_<name>.
# A room of headers alone becomes an interface library.
function(embedloom_room name)
    cmake_parse_arguments(ROOM "" "" "LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    embedloom_keep_alone(${sources})
    if(sources)
        add_library(embedloom_${name} STATIC ${sources})
        target_link_libraries(embedloom_${name} PUBLIC embedloom_flags ${ROOM_LINK})
    else()
        add_library(embedloom_${name} INTERFACE)
        target_link_libraries(embedloom_${name} INTERFACE embedloom_flags ${ROOM_LINK})
    endif()
endfunction()

# embedloom_add_plugin(tokenizer/wordpiece SOURCES a.cpp LINK zstd): a module that exports one symbol and nothing else.
function(embedloom_add_plugin path)
    cmake_parse_arguments(PLUGIN "" "" "SOURCES;LINK" ${ARGN})
    string(REPLACE "/" "_" name "${path}")
    embedloom_keep_alone(${PLUGIN_SOURCES})
    add_library(${name} MODULE ${PLUGIN_SOURCES})
    target_link_libraries(${name} PRIVATE embedloom_flags ${PLUGIN_LINK})
    target_link_options(${name} PRIVATE -Wl,-z,relro,-z,now -Wl,--exclude-libs,ALL
        "-Wl,--version-script=${CMAKE_SOURCE_DIR}/framework/cmake/plugin.map")
    if(NOT EMBEDLOOM_SANITIZE)
        target_link_options(${name} PRIVATE -Wl,--no-undefined)
    endif()
    set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY "${EMBEDLOOM_OUTPUT}/plugins")
    set_property(GLOBAL APPEND PROPERTY EMBEDLOOM_PLUGINS ${name})
endfunction()

# embedloom_test(loom LINK embedloom_loom): every .cpp of the calling folder as the test program test_<name>. Its cases
# tagged [.long] are an entry of their own, which only ./dev test --long runs. THREADS: it starts threads, so it is run
# under ThreadSanitizer too (tests/CMakeLists.txt), which has nothing to say of the others.
add_custom_target(tests)
function(embedloom_test name)
    cmake_parse_arguments(TEST "THREADS" "" "LINK" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    embedloom_keep_alone(${sources})
    add_executable(test_${name} ${sources})
    target_include_directories(test_${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
    target_link_libraries(test_${name} PRIVATE embedloom_test_main ${TEST_LINK})
    add_dependencies(tests test_${name})
    add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name}_long COMMAND test_${name} "[.long]" WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 600)
    set_tests_properties(${name}_long PROPERTIES LABELS long TIMEOUT 14400)
endfunction()

# Links what the sources name in lines "// link: LIBRARY ..." at their top.
function(embedloom_link_named target scope)
    foreach(source ${ARGN})
        file(STRINGS "${source}" lines REGEX "^// link: " LIMIT_COUNT 4)
        foreach(line ${lines})
            string(REGEX REPLACE "^// link: " "" libraries "${line}")
            separate_arguments(libraries)
            target_link_libraries(${target} ${scope} ${libraries})
        endforeach()
    endforeach()
endfunction()
